"""Cues: phrases that publishers print around their news, for a page that no dump says more about.

A line that is ``ALONE`` says this and at most a number; an ``OPENING`` begins a line that is not long; what is ``WITHIN``
may stand anywhere in one. They are written as people write them and normalised as texts are: capitals, accents and
punctuation do not matter. A language is a line or two; add yours.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from dedup.text.tokens import tokenise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALONE = """
advertisement | story continues below advertisement | advertisement story continues below | article continues below
share | share this | share this article | share on facebook | print | print this article | comments | leave a comment
skip to content | skip to main content | jump to content | back to top | related | related articles | related stories
related content | related topics | most read | most popular | trending | trending now | latest | latest news
more stories | more news | more from | you may also like | you might also like | recommended for you | recommended
sponsored | sponsored content | tags | editor's picks | load more | read next | up next | watch more | menu | search
anzeige | werbung | teilen | drucken | kommentare | zum inhalt springen | direkt zum inhalt | meistgelesen
das könnte sie auch interessieren | mehr zum thema | weitere artikel | verwandte artikel | startseite
publicité | partager | imprimer | commentaires | aller au contenu | articles similaires | les plus lus | sur le même sujet
à lire également | publicidad | compartir | imprimir | comentarios | saltar al contenido | ir al contenido
noticias relacionadas | artículos relacionados | lo más leído | te puede interesar | más noticias
pubblicità | condividi | stampa | commenti | vai al contenuto | articoli correlati | i più letti | potrebbe interessarti
реклама | поделиться | печать | комментарии | перейти к содержанию | материалы по теме | самое читаемое | похожие новости
новости по теме | другие новости | поділитися | друк | коментарі | перейти до вмісту | матеріали за темою
новини за темою | найпопулярніше | інші новини | оглас | огласи | поделите | штампај | коментари | најчитаније
повезане вести | пређи на садржај | oglas | podelite | podijelite | najčitanije | povezane vesti | komentari
reklama | udostępnij | drukuj | komentarze | przejdź do treści | najczęściej czytane | powiązane artykuły | zobacz też
ilan | reklam | paylaş | yazdır | yorumlar | içeriğe geç | en çok okunanlar | ilgili haberler | benzer haberler
إعلان | شارك | طباعة | تعليقات | اذهب إلى المحتوى | مواضيع ذات صلة | أخبار ذات صلة | الأكثر قراءة | مقالات ذات صلة
广告 | 分享 | 打印 | 评论 | 跳到内容 | 相关新闻 | 相关阅读 | 延伸阅读 | 热门新闻 | 推荐阅读 | 廣告 | 相關新聞 | 延伸閱讀
広告 | 共有 | 印刷 | コメント | 本文へスキップ | コンテンツへスキップ | 関連記事 | 関連ニュース | あわせて読みたい
おすすめ記事 | アクセスランキング
"""

OPENING = """
read also | also read | see also | read more | read next | read or share this story | related story | related article
sign up for our | sign up to our | sign up here | sign up now | subscribe to our | subscribe now | subscribe here
get our free | get the latest news delivered | get breaking news alerts | join our newsletter | follow us on
like us on facebook | download our app | download the app | click here to | click here for | for more news
we use cookies | this site uses cookies | this website uses cookies | by continuing to use this site | by using this site
accept all cookies | you have reached your limit of free | already a subscriber | already have an account | log in to
this article is for subscribers | to continue reading
to contact the reporter | to contact the reporters | to contact the editor | to contact the editors
to report a correction or typo | have a story tip | have a news tip | do you have a story | send us a news tip
lesen sie auch | auch interessant | mehr dazu | newsletter abonnieren | melden sie sich | jetzt abonnieren
folgen sie uns | wir verwenden cookies | diese website verwendet cookies | hier klicken | zum weiterlesen
lire aussi | à lire aussi | voir aussi | inscrivez vous à | abonnez vous | suivez nous sur
nous utilisons des cookies | ce site utilise des cookies | recevez notre newsletter | cliquez ici | déjà abonné
lea también | lee también | leer también | leer más | te recomendamos | suscríbete | suscríbase | síguenos en
utilizamos cookies | este sitio utiliza cookies | esta web utiliza cookies | haz clic aquí | haga clic aquí
leggi anche | vedi anche | iscriviti alla | abbonati | seguici su | utilizziamo i cookie | questo sito utilizza
questo sito usa | clicca qui
читайте также | читать также | смотрите также | подписывайтесь на | подпишитесь на | подписаться на
мы используем файлы cookie | мы используем cookie | этот сайт использует | наш сайт использует | нажмите здесь
следите за нашими новостями
читайте також | дивіться також | підписуйтесь на | підписуйтеся на | підпишіться на | ми використовуємо файли cookie
ми використовуємо cookie | цей сайт використовує | стежте за нашими новинами
прочитајте још | прочитајте и | погледајте и | пратите нас | пријавите се на | овај сајт користи | користимо колачиће
pročitajte još | pročitajte i | pogledajte i | pratite nas | prijavite se na | ovaj sajt koristi | koristimo kolačiće
czytaj także | czytaj też | przeczytaj także | zobacz także | czytaj więcej | zapisz się na | zapisz się do
zasubskrybuj | śledź nas | obserwuj nas | używamy plików cookie | ta strona używa | ta strona korzysta z plików | kliknij tutaj
ayrıca okuyun | bunu da okuyun | bunlar da ilginizi çekebilir | bültenimize | abone olun | bizi takip edin
bizi takip et | çerezleri kullanıyoruz | bu site çerez | bu web sitesi çerez | tıklayın
اقرأ أيضا | اقرأ المزيد | شاهد أيضا | قد يهمك | اشترك في | سجل في نشرتنا | تابعونا على | تابعنا على
نستخدم ملفات تعريف الارتباط | يستخدم هذا الموقع | اضغط هنا
另请阅读 | 另请参阅 | 阅读更多 | 点击阅读 | 点击这里 | 订阅我们 | 关注我们 | 本网站使用 | 我们使用cookie | 扫码关注 | 閱讀更多 | 訂閱我們
関連記事はこちら | 続きを読む | もっと読む | こちらもお読み | ニュースレターに登録 | メールマガジンに登録 | 会員登録
フォローする | 当サイトではcookie | このサイトではcookie | このサイトはcookie
"""

WITHIN = """
all rights reserved | may not be published broadcast rewritten or redistributed | alle rechte vorbehalten
tous droits réservés | todos los derechos reservados | reservados todos los derechos | tutti i diritti riservati
riproduzione riservata | все права защищены | усі права захищено | всі права захищені | сва права задржана
sva prava zadržana | wszelkie prawa zastrzeżone | wszystkie prawa zastrzeżone | tüm hakları saklıdır
her hakkı saklıdır | جميع الحقوق محفوظة | 版权所有 | 版權所有 | 未经授权不得转载 | 無断転載
無断転用を禁じます | 転載を禁じます | accept our use of cookies | akzeptieren sie cookies | sign up for our newsletter
sign up for our free newsletter | subscribe to our newsletter
"""

#: Words of a line that a cue opens or stands in, at most.
LONGEST_LINE = 40


class Cues(NamedTuple):
    """The phrases, each as its normalised words, and as it is written."""

    alone: dict[tuple[str, ...], str]
    opening: dict[tuple[str, ...], str]
    within: dict[tuple[str, ...], str]


@cache
def load_cues() -> Cues:
    """Normalise the phrases, once."""
    return Cues(*(_normalised(phrases) for phrases in (ALONE, OPENING, WITHIN)))


def find_cue(words: Sequence[str]) -> str | None:
    """Cue that makes a line boilerplate, as it is written, or None.

    Parameters
    ----------
    words : sequence of str
        Normalised words of the line.

    Examples
    --------
    >>> find_cue(["read", "also", "storms", "in", "the", "north"])
    'read also'
    >>> find_cue("they read also what the others had written".split())
    """
    if not words or len(words) > LONGEST_LINE:
        return None
    cues = load_cues()
    alone = words[:-1] if words[-1].isdigit() else words
    return (
        cues.alone.get(tuple(alone))
        or _first(cues.opening, [tuple(words[:end]) for end in range(len(words), 0, -1)])
        or _first(cues.within, _spans(words))
    )


def _first(phrases: dict[tuple[str, ...], str], spans: Iterable[tuple[str, ...]]) -> str | None:
    return next((phrases[span] for span in spans if span in phrases), None)


def _spans(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    lengths = sorted({len(phrase) for phrase in load_cues().within})
    return (tuple(words[at : at + length]) for at in range(len(words)) for length in lengths)


def _normalised(phrases: str) -> dict[tuple[str, ...], str]:
    found = {}
    for phrase in phrases.replace("\n", "|").split("|"):
        if phrase.strip():
            found[tuple(token.text for token in tokenise(phrase))] = phrase.strip()
    return found
