"""Tracking: parameters of links that say who linked, and name no page.

The list is short of what could be dropped: a name that some site uses for its articles (``id``, ``p``, ``article``, ``cid``,
``sid``, ``source``, ``page``) is not here, however often others count clicks by it. One page under two names costs a
comparison of texts; two pages under one name would cost an article.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Names in lower case, by who adds them and what for.
FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "clicks on advertisements of Google": (
            "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "gad", "gad_source", "gad_campaignid", "srsltid",
        ),
        "clicks on advertisements of others": (
            "msclkid", "yclid", "ymclid", "ysclid", "twclid", "ttclid", "li_fat_id", "epik", "zanpid", "irclickid",
            "rb_clickid", "wickedid", "s_kwcid", "ef_id", "rdt_cid", "sccid", "tblci", "dicbo", "obclick",
        ),
        "Facebook and Instagram: which post was clicked": (
            "fbclid", "fb_action_ids", "fb_action_types", "fb_source", "fb_ref", "fb_comment_id", "igshid", "igsh",
            "mibextid", "sfnsn",
        ),
        "Google Analytics between hosts": ("_ga", "_gl"),
        "Google search and the viewer of AMP pages": ("ved", "usg", "usqp", "amp_js_v", "amp_gsa"),
        "Twitter: where it was embedded": ("ref_src", "ref_url", "__twitter_impression", "twgr", "twcamp"),
        "newsletters: which mailing, and which reader": (
            "mc_cid", "mc_eid", "mkt_tok", "vero_id", "vero_conv", "oly_enc_id", "oly_anon_id", "elqtrack",
            "elqtrackid", "ml_subscriber", "ml_subscriber_hash", "nr_email_referer", "bxid", "cndid", "_hsenc", "_hsmi",
            "__hstc", "__hssc", "__hsfp", "hsctatracking", "_kx", "ck_subscriber_id",
        ),
        "campaigns, as web analytics count them": (
            "cmpid", "cmp_id", "campaignid", "ncid", "icid", "ito", "ocid", "xtor", "xtref", "wt.mc_id", "wt.mc_ev", "wt_mc",
            "wtmc", "trk", "trkcampaign", "trkinfo", "s_cid", "_openstat", "ns_mchannel", "ns_source", "ns_campaign",
            "ns_linkname", "ns_fee", "spm", "scm", "mbid", "otc",
        ),
        "buttons to share": (
            "smid", "smtyp", "sr_share", "soc_src", "soc_trk", "guccounter", "guce_referrer", "guce_referrer_sig",
            "_branch_match_id", "_branch_referrer", "ss_source", "ss_campaign_id", "share_from", "shareadid",
        ),
        "sessions of a server": ("phpsessid", "jsessionid"),
    }
)  # fmt: skip
#: How names begin that one system adds.
PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "utm_": "campaigns: Google Analytics, and whoever reads its names",
        "pk_": "campaigns: Piwik",
        "piwik_": "campaigns: Piwik",
        "mtm_": "campaigns: Matomo",
        "matomo_": "campaigns: Matomo",
        "hsa_": "advertisements: HubSpot",
        "at_": "campaigns: AT Internet, Piano",
        "aspsessionid": "sessions of a server",
    }
)
#: Names that count links on one site and number articles on another: dropped where no digit stands in the value.
WORDED: Mapping[str, str] = MappingProxyType(
    {
        "ref": "who linked",
        "referer": "who linked",
        "referrer": "who linked",
        "cmp": "campaigns",
        "partner": "who syndicates the link",
        "ftag": "which list of links",
    }
)
_NAMES = frozenset(name for names in FAMILIES.values() for name in names)
_BEGINS = tuple(PREFIXES)


def is_tracking(name: str, value: str) -> bool:
    """Whether a parameter of a link names no page.

    Examples
    --------
    >>> is_tracking("UTM_Source", "rss"), is_tracking("ref", "home"), is_tracking("ref", "51234"), is_tracking("id", "7")
    (True, True, False, False)
    """
    lower = name.lower()
    if lower in _NAMES or lower.startswith(_BEGINS):
        return True
    return lower in WORDED and not any(map(str.isdigit, value))
