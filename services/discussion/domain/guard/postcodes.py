"""UK postcodes: an area that exists, a district, and a sector and unit of the letters that are used.

Source: Royal Mail, Programmers' Guide to PAF, "Postcode format"; the areas as of 2024, with the Crown
dependencies and the forces' BF.
"""

import re
from collections.abc import Iterator

from services.discussion.domain.guard.finding import Finding
from shared.contracts.vocabulary import Confidential

AREAS = frozenset(
    [
        "AB",
        "AL",
        "B",
        "BA",
        "BB",
        "BD",
        "BF",
        "BH",
        "BL",
        "BN",
        "BR",
        "BS",
        "BT",
        "CA",
        "CB",
        "CF",
        "CH",
        "CM",
        "CO",
        "CR",
        "CT",
        "CV",
        "CW",
        "DA",
        "DD",
        "DE",
        "DG",
        "DH",
        "DL",
        "DN",
        "DT",
        "DY",
        "E",
        "EC",
        "EH",
        "EN",
        "EX",
        "FK",
        "FY",
        "G",
        "GL",
        "GU",
        "GY",
        "HA",
        "HD",
        "HG",
        "HP",
        "HR",
        "HS",
        "HU",
        "HX",
        "IG",
        "IM",
        "IP",
        "IV",
        "JE",
        "KA",
        "KT",
        "KW",
        "KY",
        "L",
        "LA",
        "LD",
        "LE",
        "LL",
        "LN",
        "LS",
        "LU",
        "M",
        "ME",
        "MK",
        "ML",
        "N",
        "NE",
        "NG",
        "NN",
        "NP",
        "NR",
        "NW",
        "OL",
        "OX",
        "PA",
        "PE",
        "PH",
        "PL",
        "PO",
        "PR",
        "RG",
        "RH",
        "RM",
        "S",
        "SA",
        "SE",
        "SG",
        "SK",
        "SL",
        "SM",
        "SN",
        "SO",
        "SP",
        "SR",
        "SS",
        "ST",
        "SW",
        "SY",
        "TA",
        "TD",
        "TF",
        "TN",
        "TQ",
        "TR",
        "TS",
        "TW",
        "UB",
        "W",
        "WA",
        "WC",
        "WD",
        "WF",
        "WN",
        "WR",
        "WS",
        "WV",
        "YO",
        "ZE",
    ]
)
# The lettered districts are London's only: W1A, EC2V, N1C, NW1W, SE1P, SW1A, E1W, WC1H.
_DISTRICT = r"\d{1,2}|\d[A-HJKMNPR-Y]"
_CODE = re.compile(
    rf"(?<![A-Za-z0-9_])([A-Z]{{1,2}})({_DISTRICT})[ \t-]{{0,2}}(\d[ABD-HJLNP-UW-Z]{{2}})(?![A-Za-z0-9_])",
    re.IGNORECASE,
)
_LETTERED = frozenset(("E", "EC", "N", "NW", "SE", "SW", "W", "WC"))
_ORDINALS = frozenset(("1st", "2nd", "3rd"))


def find(text: str) -> Iterator[Finding]:
    """Every whole postcode; a district alone (`LL57`) is shared by thousands and is none."""
    for match in _CODE.finditer(text):
        area = match[1].upper()
        if area not in AREAS or (match[2][-1].isalpha() and area not in _LETTERED):
            continue
        if match[3] in _ORDINALS:
            continue  # "… of h1 2nd": somebody counts
        yield Finding(Confidential.POSTCODE, *match.span())
