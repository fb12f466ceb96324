"""What a Redis server complains of, and what to do about it."""

from __future__ import annotations

_MEMORY = "the server is out of memory: expire and compact the index, or raise maxmemory"
_REFUSED = "the server refuses user and password: check them in the address"
#: By the name of the driver's error; of an error that is of several kinds, the first holds.
_OF_KINDS = {
    "AuthenticationError": _REFUSED,
    "AuthenticationWrongNumberOfArgsError": _REFUSED,
    "AuthorizationError": _REFUSED,
    "NoPermissionError": "the user may not do this: allow it the commands and the keys of the index",
    "BusyLoadingError": "the server is still loading its data: try again",
    "TimeoutError": "the server does not answer: try again, or raise socket_timeout in the address",
    "ConnectionError": "no connection to the server: check that it runs and can be reached, then try again",
    "ReadOnlyError": "the server is a read-only replica: give the address of the primary",
    "OutOfMemoryError": _MEMORY,
    "MovedError": "this node of a cluster does not hold the index: give the address of the one that does",
}
#: By what the server says; `DEDUP` is what our scripts say.
_OF_WORDS = {
    "DEDUP layout": "the index was deleted, or expired, or is another one by now: open it again",
    "DEDUP full": "all 4,294,967,295 numbers were given: start a new index",
    "DEDUP counter": "a counter is no number: see what `dedup index verify` tells",
    "WRONGTYPE": "another program uses keys of this prefix: choose another prefix",
    "OOM": _MEMORY,
    "READONLY": _OF_KINDS["ReadOnlyError"],
    "MOVED": _OF_KINDS["MovedError"],
    "NOAUTH": _REFUSED,
    "user_script": "a script of ours met what it can't read: see what `dedup index verify` tells",
    "BUSY": "the server is busy with a script: try again",
}


def explain(error: Exception) -> str:
    """Say what is wrong, and what to do about it.

    Parameters
    ----------
    error : Exception
        An error of the driver.

    Examples
    --------
    >>> explain(TimeoutError("read"))
    'the server does not answer: try again, or raise socket_timeout in the address (read)'
    """
    text = str(error)
    for kind in type(error).__mro__:
        if kind.__name__ in _OF_KINDS:
            return f"{_OF_KINDS[kind.__name__]} ({text})"
    for words, reason in _OF_WORDS.items():
        if words in text:
            return f"{reason} ({text})"
    return f"the server refuses: {text}"
