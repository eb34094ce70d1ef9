"""Which character set an 8-bit table of people is in, when nothing says so: Excel's "CSV" is in whatever its computer is set to.

Detectors for web pages need more text than a class list has: charset-normalizer (3.5) reads "Jürgen Groß" in code page 1252 as
Icelandic Macintosh, and "Иван" as Arabic. Here each character set that spreadsheets write is tried, and judged by what names look
like; names that the submissions have, too, go before all else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

# In the order in which they are preferred where they read equally well, with how people know them.
NAMES = {
    "cp1252": "Windows, Western Europe",
    "cp1250": "Windows, Central Europe",
    "gb18030": "Chinese, GBK",
    "cp1251": "Windows, Cyrillic",
    "cp1254": "Windows, Turkish",
    "cp1253": "Windows, Greek",
    "cp932": "Japanese, Shift JIS",
    "cp949": "Korean",
    "cp950": "Chinese, Big5",
    "cp1257": "Windows, Baltic",
    "cp1255": "Windows, Hebrew",
    "cp1256": "Windows, Arabic",
    "iso8859-15": "ISO 8859-15",
    "iso8859-2": "ISO 8859-2",
    "mac-roman": "Macintosh",
    "mac-latin2": "Macintosh, Central Europe",
    "cp850": "DOS, Western Europe",
    "cp852": "DOS, Central Europe",
    "koi8-r": "Cyrillic, KOI8",
    "latin-1": "ISO 8859-1",
}
_ASIAN = {"gb18030": "gb2312", "cp932": "shift_jis", "cp949": "euc_kr", "cp950": "big5"}
# Lead bytes of the characters that are in daily use; the others are names' seldom parts, or another set read wrongly.
_COMMON = {"gb2312": (0xB0, 0xD7), "shift_jis": (0x81, 0x97), "euc_kr": (0xA1, 0xC8), "big5": (0xA1, 0xC6)}
_OFTEN = frozenset("äöüßéèêëàâáíîïóôúûçñåøæãõÄÖÜÉÁÅØÓÍ")
_AT_TIMES = frozenset("šžčćřěůýťďňľłąęśżźńőűşğıțșăđĺŠŽČĆŘŁŚŻŞÇŹĐÿœìòù")
_TYPED = frozenset("’‘“”„–—…«»€°§·ªº№¿¡\u00a0")
# Letters that one language's names have together: "Jiøí" is nobody's. German, French, Spanish, Portuguese, Italian; Nordic;
# Icelandic; Czech and Slovak; Polish; Hungarian; Romanian; Turkish; South Slavic; Baltic; Estonian.
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "äöüß", "éèêëàâîïôûùüçœæÿ", "áéíóúñü", "áâãàéêíóôõúç", "àèéìòùî", "åäöøæéü", "áðéíóúýþæö", "áčďéěíňóřšťúůýžäľĺŕô",
        "ąćęłńóśźż", "áéíóöőúüű", "ăâîșțşţ", "çğıöşüâî", "čćđšž", "āčēģīķļņšūžąčęėįšųūž", "äöüõšž",
    )
)  # fmt: skip
_FAMILY_NAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏方白邹孟"
    "張劉陳楊黃趙吳孫馬羅鄭許韓葉蘇盧鍾佐鈴渡伊山中小加吉木松井김이박최정강조윤장임한오서신권황안송류전홍"
)
_AT_MOST = 20_000  # characters that are judged


@dataclass(frozen=True)
class Guess:
    """A character set, and other sets that would read the text otherwise and as well."""

    encoding: str
    others: tuple[str, ...] = ()


def guess_encoding(data: bytes, names: Collection[str] = ()) -> Guess:
    """The character set of 8-bit text that is no UTF-8.

    Args:
        data: the text; line ends of CR alone speak for a Macintosh.
        names: of people whose work was handed in, or of their files: words that the text may hold.
    """
    known = {word for name in names for word in _words(name) if not word.isascii()}
    macintosh = b"\n" not in data and b"\r" in data
    scored: list[tuple[float, float, str, str]] = []
    for rank, encoding in enumerate(NAMES):
        try:
            text = data.decode(encoding)
            if text.encode(encoding) != data:
                continue
        except UnicodeError:
            continue
        met = len(known & set(_words(text[: 10 * _AT_MOST])))
        likely = _likely(text, encoding) + (1.0 if macintosh and encoding.startswith("mac") else 0) - 0.01 * rank
        scored.append((met, likely, encoding, text))
    if not scored:
        return Guess("latin-1")
    met, likely, encoding, text = max(scored, key=lambda s: s[:2])
    close = [s for s in scored if s[0] == met and s[3] != text and s[1] > likely - 0.35]
    return Guess(encoding, () if met else tuple(s[2] for s in sorted(close, key=lambda s: -s[1])[:2]))


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text).casefold())


def _likely(text: str, encoding: str) -> float:
    """How much the characters beyond ASCII look like names', from -3 to 2 for each on average."""
    strange = [m for m in re.finditer(r"[^\x00-\x7f]", text[: 20 * _AT_MOST])][:_AT_MOST]
    if not strange:
        return 0.0
    looks = sum(_looks(text, m.start(), encoding) for m in strange) / len(strange)
    words = [w for w in _words(text[: 20 * _AT_MOST]) if not w.isascii()]
    return looks + (sum(map(_like_a_name, words)) / len(words) if words else 0)


def _like_a_name(word: str) -> float:
    letters = {c for c in word if not c.isascii()}
    if any(_script(c) != "LATIN" for c in letters):
        vowels = re.search("[аеёиоуыэюяіїє]", word) is not None
        mute = len(word) > 2 and not vowels and any(_script(c) == "CYRILLIC" for c in letters)
        return 0.3 if word[0] in _FAMILY_NAMES else -0.7 * mute
    close = re.search(r"[^\x00-\x7f]{2}", word) is not None  # accents are seldom neighbours
    return (0.0 if any(letters <= a for a in _ALPHABETS) else -0.7) - 0.7 * close


def _looks(text: str, at: int, encoding: str) -> float:
    char = text[at]
    before, after = text[at - 1 : at], text[at + 1 : at + 2]
    kind = unicodedata.category(char)
    if char in _TYPED:
        apostrophe = char == "’" and before.isalpha() and after.isalpha()
        return 1.0 if apostrophe or not (before.isalpha() and after.isalpha()) else -1.0
    if not kind.startswith(("L", "M")):
        return -3.0 if kind in ("Cc", "Cn", "Co") else -2.0
    script = _script(char)
    if script == "CJK":
        return _asian(char, encoding) - (1.5 if (before + after).isascii() and (before + after).isalpha() else 0)
    if any(_script(c) not in (script, "") for c in before + after):
        return -2.0  # a Cyrillic letter in a Latin word
    if char.isupper() and before.isalpha() and before.islower():
        return -1.5
    if char.isupper() and before.isupper() and after.islower():
        return -1.0
    if script != "LATIN":
        return 1.2 if before.isalpha() or after.isalpha() else 0.2
    return 2.0 if char in _OFTEN else 1.7 if char in _AT_TIMES else 0.3


def _script(char: str) -> str:
    if not char.isalpha():
        return ""
    if char.isascii():
        return "LATIN"
    first = unicodedata.name(char, "?").split()[0].split("-")[0]
    return "CJK" if first in ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "HALFWIDTH", "FULLWIDTH") else first


def _asian(char: str, encoding: str) -> float:
    if encoding not in _ASIAN:
        return -2.0
    narrow = _ASIAN[encoding]
    try:
        lead = char.encode(narrow)[0]
    except UnicodeError:
        return -1.0
    low, high = _COMMON[narrow]
    if unicodedata.name(char, "").startswith("HALFWIDTH"):
        return -0.5
    return 1.9 if low <= lead <= high else 0.0
