"""What outlets and wires put before and behind a headline: lists in many languages, all in lower case.

The lists hold what is met often; what they lack is told by the article's own source, or given by the caller.
"""

from __future__ import annotations

import re

from dedup.text.tokens import split_words


def names(listed: str) -> frozenset[str]:
    """Names between bars, as their normalised words."""
    return frozenset(" ".join(split_words(name)[0]) for name in listed.split("|"))


#: Slugs of wires, which write them in capitals; a number may follow, and the hyphen stands close: ``UPDATE 2-``.
_WIRE = """
    update|wrapup|corrected|correction|rpt|repeat|refile|exclusive|factbox|timeline|analysis|insight|special report|
    newsmaker|preview|instant view|snapshot|highlights|text|table|poll|brief|advisory|press digest|diary|scenarios|
    q+a|q&a|explainer|interview|column|commentary|breakingviews|feature|graphic|urgent|alert|breaking|roundup|summary|
    topwrap|take a look|dealtalk|news analysis|global markets|emerging markets|money markets|us stocks|
    canada stocks|european shares|forex|precious|metals|softs|wrapup|sidebar|spotlight|witness|chronology|obituary
"""
#: Labels in any case; a colon, a bar or a spaced dash follows: ``Opinion | ``.
_LABELS = """
    breaking|breaking news|just in|developing|developing story|urgent|alert|news alert|flash|live|live updates|
    live update|live blog|liveblog|watch|watch live|video|videos|photos|pictures|in pictures|gallery|audio|podcast|listen|
    opinion|editorial|op-ed|oped|analysis|explainer|explained|exclusive|update|updated|correction|corrected|rpt|refile|
    factbox|timeline|fact check|fact-check|special report|quiz|comment|letters|letter to the editor|q&a|poll|
    eilmeldung|eil|+++ eilmeldung +++|liveticker|live-ticker|newsticker|kommentar|meinung|exklusiv|analyse|bilder|fotos|
    faktencheck|direct|en direct|vidéo|vidéos|exclusif|info|alerte info|flash info|alerte|tribune|éditorial|décryptage|
    urgente|en vivo|en directo|directo|última hora|ultima hora|vídeo|vídeos|exclusivo|exclusiva|opinión|análisis|alerta|
    minuto a minuto|ao vivo|opinião|análise|assista|ultim'ora|ultim’ora|ultima ora|diretta|in diretta|foto|esclusiva|
    esclusivo|opinione|analisi|срочно|молния|видео|фото|эксклюзив|мнение|онлайн|прямой эфир|прямая трансляция|трансляция|
    обновлено|обновляется|терміново|відео|ексклюзив|наживо|оновлено|pilne|wideo|na żywo|zdjęcia|opinia|tylko u nas|
    z ostatniej chwili|exclusief|opinie|son dakika|canlı|uživo|uzivo|hitno|direkt|direkte|senaste nytt|video foto|
    terkini|عاجل|فيديو|بالفيديو|شاهد|مباشر|حصري|بالصور|فوری|ब्रेकिंग|快讯|快訊|突发|突發|视频|直播|独家|獨家|速報|動画|独自|
    号外|속보|단독|영상|포토
"""
#: Labels that stand before a full stop, in capitals: ``DIRECT. ``.
_STOPPED = (
    "direct|en direct|vidéo|video|exclusif|urgent|info|alerte info|flash|photos|live|breaking|pilne|срочно"
)

#: Mastheads, agencies and portals, as words without the article and without what is in QUALIFIERS.
MASTHEADS = names(
    """
    bbc|reuters|cnn|cnbc|msnbc|nbc|abc|cbs|fox|npr|pbs|ap|associated press|afp|dpa|upi|efe|ansa|pti|ani|ians|xinhua|
    tass|ria novosti|interfax|bloomberg|guardian|new york times|nytimes|nyt|washington post|wall street journal|wsj|
    los angeles times|la times|chicago tribune|boston globe|usa today|new york post|ny daily|daily mail|mail online|
    mailonline|daily mirror|daily express|daily telegraph|telegraph|evening standard|financial times|ft|economist|
    huffpost|huffington post|buzzfeed|vox|axios|politico|daily beast|newsweek|the hill|the atlantic|
    the verge|techcrunch|engadget|ars technica|mashable|business insider|forbes|marketwatch|barron s|
    yahoo|yahoo finance|msn|aol|sky|itv|channel 4|euronews|france 24|france24|rfi|dw|deutsche welle|
    al jazeera|aljazeera|rt|sputnik|voa|voice of america|rferl|cbc|ctv|toronto star|globe and mail|
    national post|rte|irish times|irish independent|sydney morning herald|news com au|nz herald|
    straits times|south china morning post|scmp|japan times|nhk|kyodo|yonhap|korea herald|times of india|
    ndtv|indian express|hindustan times|jerusalem post|haaretz|times of israel|arab news|
    der spiegel|spiegel|süddeutsche|süddeutsche zeitung|suddeutsche zeitung|sz|faz|frankfurter allgemeine|
    tagesschau|zdf|zdfheute|ard|n tv|ntv|tagesspiegel|taz|handelsblatt|nzz|neue zürcher zeitung|
    neue zurcher zeitung|srf|der standard|derstandard|orf|
    le monde|le figaro|libération|liberation|le parisien|franceinfo|france info|bfmtv|bfm tv|l equipe|ouest france|
    20 minutes|le point|l express|rtl|rtbf|el país|el pais|el mundo|abc es|la vanguardia|clarín|clarin|
    la nación|la nacion|infobae|el universal|folha|folha de s paulo|g1|o globo|globo|uol|estadão|estadao|
    correio da manhã|público|publico|la repubblica|repubblica|corriere della sera|corriere it|la stampa|il sole 24 ore|
    gazzetta dello sport|nu nl|de telegraaf|volkskrant|vrt|hln|svt|aftonbladet|expressen|nrk|yle|
    gazeta wyborcza|onet|wp|rmf24|tvn24|риа новости|тасс|интерфакс|коммерсантъ|ведомости|рбк|lenta ru|лента ру|газета ру|
    известия|российская газета|медуза|meduza|українська правда|укрінформ|unian|уніан|hürriyet|hurriyet|milliyet|
    الجزيرة|الجزيرة نت|العربية|سكاي نيوز عربية|bbc عربي|رويترز|新华网|新浪|新浪网|人民网|搜狐|澎湃|朝日|朝日新聞|朝日新聞デジタル|
    読売新聞|毎日新聞|日本経済新聞|nhkニュース|産経|産経新聞|연합뉴스|조선일보|중앙일보|한겨레
    """
)
#: Mastheads that are common words too: outlets behind a bar, or with their article.
COMMON = names(
    """
    sun|times|mirror|independent|star|time|mail|post|express|metro|nature|science|fortune|quartz|vice|globe|herald|
    sport|people|variety|deadline|observer|local|conversation|week|nation|intercept|athletic|ringer|onion|scotsman|zeit|
    standard|presse|age|stuff|dawn|focus|insider|slate|salon|wired|stern|bild|welt|krone|kurier|marca|sabah|hindu|
    global|google
    """
)
#: What a masthead may have beside its name: "BBC *News*", "Reuters *UK*".
QUALIFIERS = names(
    """
    news|newsroom|online|com|digital|tv|radio|sport|sports|business|politics|money|finance|world|international|
    entertainment|opinion|live|video|mobile|magazine|us|usa|uk|india|australia|canada|europe|asia|africa|scotland|wales|
    america|deutschland|nachrichten|noticias|notícias|ニュース|новости|новини|actualité|actualités|aktuell|heute|app|
    weekend|sunday
    """
)
#: Names of outlets, and of parts of them, that say nothing of the story.
GENERIC = names(
    """
    news|online|zeitung|nachrichten|noticias|notícias|notizie|nieuws|nyheter|wiadomości|haberler|haber|новости|новини|
    actualités|aktuelles|home|homepage|startseite|newsroom|blog|blogs|新闻|ニュース|뉴스|أخبار
    """
)
#: Sections that stand between a title and its outlet.
SECTIONS = names(
    """
    world|us|uk|africa|americas|asia pacific|middle east|south asia|politics|business|sport|sports|football|soccer|
    technology|tech|science|environment|culture|entertainment|opinion|comment is free|money|travel|life and style|
    lifestyle|health|education|media|society|music|film|books|art and design|fashion|food|global development|australia|
    india|europe|law|cricket|tennis|golf|rugby|politik|wirtschaft|kultur|wissen|wissenschaft|panorama|gesellschaft|
    meinung|international|économie|politique|société|economía|política|deportes|cultura|internacional|esportes|mundo|
    politica|economia|esteri|cronaca
    """
)
#: Nouns that end the name of a newspaper, if each word of it has a capital.
PAPERS = names(
    """
    times|post|herald|tribune|gazette|chronicle|courier|journal|telegraph|examiner|inquirer|observer|register|dispatch|
    bulletin|mercury|reporter|sentinel|globe|daily|advertiser|argus|echo|weekly|zeitung|rundschau|anzeiger|allgemeine|
    tageblatt|tagblatt|kurier|nachrichten|morgenpost|news|online
    """
)
#: What stands before such a noun in a phrase that is no name.
PHRASES = names(
    """
    good|bad|big|more|fake|breaking|latest|old|great|no|hard|best|worst|these|modern|end|tough|happy|sad|local|the|a|of|
    in|for|and|to
    """
)
ARTICLES = names("the|der|die|das|le|la|les|el|los|las|il|lo|o|os|de|het|l")
#: Parts of a host that name no outlet.
HOST_PARTS = names(
    """
    www|www2|m|mobile|amp|edition|rss|feeds|feed|news|en|de|fr|es|it|pt|ru|co|com|org|net|gov|ac|edu|info|int
    """
)
#: Ends of domains that are written as names: "cnn.com".
TLDS = (
    "com|org|net|info|news|tv|fm|co|io|eu|int|de|at|ch|fr|es|it|pt|nl|be|uk|ie|us|ca|au|nz|in|za|jp|cn|kr|hk|sg|br|mx|ar|"
    "cl|pe|pl|cz|sk|hu|ro|bg|rs|hr|si|gr|tr|il|ae|ru|ua|by|kz|se|no|dk|fi|ee|lv|lt"
)


def _either(listed: str) -> str:
    """Pattern of a list, the longest first."""
    words = {" ".join(name.split()) for name in listed.split("|")}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_DASH = "[-‐‑–—―]"
_LABEL = f"(?i:{_either(_LABELS)})"
#: What a wire or an editor marks a headline with, at its beginning.
SLUG = re.compile(
    rf"(?:{_either(_WIRE.upper())})(?:\s?\d{{1,2}}\s?{_DASH}\s?|\s?{_DASH}\s|\s?{_DASH}(?=[^\W_a-z]|[\"'“‘«$€£])|\s?[:|]\s?)"
    rf"|[\[(【]\s*{_LABEL}\s*[\])】]\s*[{_DASH[1:-1]}:：]?\s*"
    rf"|{_LABEL}(?:\s*[:：|»•]+\s*|\s+{_DASH}+\s+|\s?[–—]\s?)"
    rf"|(?:{_either(_STOPPED.upper())})\.\s+"
)
#: The same in brackets at the end.
TAG = re.compile(rf"\s*[\[(【]\s*{_LABEL}\s?\d{{0,2}}\s*[\])】]$")
#: A name in brackets at the end.
BRACKETED = re.compile(r" \(([^()]+)\)$")
#: What parts a headline from the name of its outlet; the first group is a mark that headlines seldom have themselves.
SEPARATOR = re.compile(rf" ?([|¦｜]) ?| (?:([·•∙»«›‹❯▸►▶⋆★]|::)|{_DASH}{{1,2}}) ")
#: At the beginning, a colon does it too.
HEAD_SEPARATOR = re.compile(rf" ?[:：] |{SEPARATOR.pattern}")
#: What parts an affix that was learnt: closer too, for a host's own titles are the evidence.
BEHIND = re.compile(rf"{SEPARATOR.pattern}| ?(?:_|--|——) ?|(?<=[^\x00-\x7f])-(?=[^\x00-\x7f])")
BEFORE = re.compile(rf"{HEAD_SEPARATOR.pattern}|：")
#: What each of them begins with or has in it, told in a twentieth of the time: most titles have none (2026-11).
_MAY_SEPARATE = re.compile(r"[|¦｜·•∙»«›‹❯▸►▶⋆★_：:‐‑–—―-](?:(?<![:‐‑–—―-])|[ :‐‑–—―-]|(?<=-)[^\x00-\x7f])")
#: Bytes of UTF-8 that each has one of; and of a title that an outlet may stand around, for it may end in a bracket.
SEPARATING = b"|_:-\xc2\xe2\xef"
OUTLET_BYTES = SEPARATING + b")"
#: Characters of a title from which on it is no headline, and nothing is stripped; bounds the time of a hostile one.
LONGEST_TITLE = 1000
#: What every affix ends or begins with; most titles have none of it.
MARK = re.compile("[]|¦｜·•∙»«›‹❯▸►▶⋆★:：.[(【)】‐‑–—―-]")
DOMAIN = re.compile(rf"(?:https?://)?(?:[a-z0-9-]+\.)+(?:{TLDS})/?", re.IGNORECASE)


def may_have_separator(title: str) -> bool:
    """Whether something in a title may part its headline from the name of an outlet; false only if nothing does.

    Examples
    --------
    >>> may_have_separator("Bridge closed - Valley Herald"), may_have_separator("Well-known bridge closed")
    (True, False)
    """
    return bool(_MAY_SEPARATE.search(title))
