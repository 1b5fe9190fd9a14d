"""Values of each entity, as people and machines write them. `form` is what follows the colon in `{entity:form}`."""

import base64
import json
import random
import string
from collections.abc import Callable

import numbers_of
import phonenumbers
from faker import Faker

LOCALES = ["en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL"]
faker = Faker(LOCALES)
faker.seed_instance(7)
Faker.seed(7)


def digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(string.digits, k=count))


def of(chance: random.Random, alphabet: str, count: int) -> str:
    return "".join(chance.choices(alphabet, k=count))


def grouped(text: str, lengths: list[int], separator: str) -> str:
    parts, at = [], 0
    for length in lengths:
        parts.append(text[at : at + length])
        at += length
    return separator.join(part for part in [*parts, text[at:]] if part)


def email(chance: random.Random, form: str) -> str:
    if form == "international":
        local = chance.choice(["jörg.müller", "josé", "иван.петров", "renée-anne", "अनिल", "张伟", "müller"])
        host = chance.choice(["bücher.example", "beispiel.de", "почта.рф", "例子.中国", "example.org", "उदाहरण.भारत"])
        return f"{local}@{host}"
    if form == "spoken":
        return f"{faker.user_name()} at {faker.domain_name().replace('.', ' dot ')}"
    made = chance.choice([faker.email(), faker.company_email(), faker.free_email(), faker.ascii_safe_email()])
    local, _, host = made.partition("@")
    if chance.random() < 0.25:
        local += chance.choice(["+news", "+42", ".priv", "_x", "-office"])
    if chance.random() < 0.15:
        local, host = local.upper(), host.upper()
    if chance.random() < 0.1:
        host = "mail." + host
    return f"{local}@{host}"


def telephone(chance: random.Random, form: str) -> str:
    region = (
        form.upper()
        if form
        else chance.choice(["US", "GB", "DE", "FR", "IN", "ES", "IT", "NL", "CA", "AU", "BR", "JP", "CH", "AT"])
    )
    style = phonenumbers.PhoneNumberFormat
    while True:
        length = {
            "US": 10,
            "CA": 10,
            "GB": 10,
            "FR": 9,
            "IN": 10,
            "ES": 9,
            "NL": 9,
            "AU": 9,
            "BR": 11,
            "JP": 10,
            "CH": 9,
        }.get(region)
        number = phonenumbers.PhoneNumber(
            country_code=phonenumbers.country_code_for_region(region),
            national_number=int(
                chance.choice("123456789") + digits(chance, (length or chance.choice([9, 10, 11])) - 1)
            ),
        )
        kinds = phonenumbers.PhoneNumberType
        if phonenumbers.is_valid_number_for_region(number, region) and phonenumbers.number_type(number) in (
            kinds.MOBILE,
            kinds.FIXED_LINE,
            kinds.FIXED_LINE_OR_MOBILE,
        ):
            break
    if form:
        national = phonenumbers.format_number(number, style.NATIONAL)
        if region == "US":
            area, rest = national.split(" ", 1)
            return chance.choice(
                [
                    national,
                    national,
                    f"{area.strip('()')}-{rest}",
                    f"{area}{rest}",
                    f"{area.strip('()')}.{rest.replace('-', '.')}",
                    f"1-{area.strip('()')}-{rest}",
                    f"{area.strip('()')} {rest.replace('-', ' ')}",
                ]
            )
        if region == "DE":
            head, _, tail = national.partition(" ")
            return chance.choice(
                [
                    national,
                    f"{head}/{tail}",
                    f"({head}) {tail}",
                    f"{head}-{tail.replace(' ', '')}",
                    f"{head} {tail.replace(' ', '')}",
                ]
            )
        if region == "FR":
            return chance.choice([national, national, national.replace(" ", "."), national.replace(" ", "-")])
        if region == "IN":
            return chance.choice([national, national.lstrip("0"), national])
        return chance.choice([national, national, national.replace(" ", "-", 1)])
    international = phonenumbers.format_number(number, style.INTERNATIONAL)
    plain = phonenumbers.format_number(number, style.E164)
    return chance.choice(
        [
            international,
            international,
            plain,
            international.replace(" ", "-"),
            international.replace(" ", "."),
            "00" + international[1:],
        ]
    )


def card(chance: random.Random, form: str) -> str:
    brands = [
        ("4", 16),
        ("51", 16),
        ("55", 16),
        ("2221", 16),
        ("34", 15),
        ("37", 15),
        ("6011", 16),
        ("65", 16),
        ("3528", 16),
        ("36", 14),
        ("6221", 16),
        ("2200", 16),
    ]
    prefix, length = chance.choice(brands)
    number = numbers_of.card(prefix + digits(chance, length - 1 - len(prefix)))
    groups = {16: [4, 4, 4], 15: [4, 6], 14: [4, 6]}[length]
    return chance.choice(
        [number, number, grouped(number, groups, " "), grouped(number, groups, " "), grouped(number, groups, "-")]
    )


def iban(chance: random.Random, form: str) -> str:
    made = faker[chance.choice(LOCALES)].iban()
    spaced = " ".join(made[at : at + 4] for at in range(0, len(made), 4))
    return chance.choice([made, made, spaced, spaced, made.lower()])


def us_ssn(chance: random.Random, form: str) -> str:
    area = chance.choice([n for n in range(1, 900) if n != 666])
    made = f"{area:03d}-{chance.randrange(1, 100):02d}-{chance.randrange(1, 10000):04d}"
    if form == "named":
        return chance.choice([made, made.replace("-", ""), made.replace("-", " ")])
    return made


def gb_nino(chance: random.Random, form: str) -> str:
    made = numbers_of.nino(chance)
    spaced = grouped(made, [2, 2, 2, 2], " ")
    return chance.choice([made, spaced, spaced, made.lower() if form == "named" else made])


def gb_nhs(chance: random.Random, form: str) -> str:
    made = numbers_of.nhs(chance)
    return (
        chance.choice([made, grouped(made, [3, 3], " "), grouped(made, [3, 3], "-")])
        if form == "named"
        else grouped(made, [3, 3], " ")
    )


def de_tax_id(chance: random.Random, form: str) -> str:
    made = numbers_of.steuer_id(chance)
    return chance.choice([made, grouped(made, [2, 3, 3], " ")])


def de_social(chance: random.Random, form: str) -> str:
    made = numbers_of.rentenversicherung(chance)
    return chance.choice([made, grouped(made, [2, 6, 1], " "), grouped(made, [2, 6, 1, 2], " ")])


def fr_nir(chance: random.Random, form: str) -> str:
    made = numbers_of.nir(chance)
    return chance.choice([made, grouped(made, [1, 2, 2, 2, 3, 3], " "), grouped(made, [13], " ")])


def fr_tax(chance: random.Random, form: str) -> str:
    made = numbers_of.spi(chance)
    return chance.choice([made, grouped(made, [2, 2, 3, 3], " ")])


def ipv4(chance: random.Random, form: str) -> str:
    return chance.choice([faker.ipv4_public, faker.ipv4_private, faker.ipv4])()


def ipv6(chance: random.Random, form: str) -> str:
    made = faker.ipv6()
    parts = made.split(":")
    return chance.choice(
        [
            made,
            made.upper(),
            f"2001:db8::{parts[6]}:{parts[7]}",
            f"fe80::{parts[5]}:{parts[6]}:{parts[7]}",
            f"::ffff:{faker.ipv4()}",
            f"{parts[0]}:{parts[1]}:{parts[2]}::{parts[7]}",
        ]
    )


def mac(chance: random.Random, form: str) -> str:
    made = faker.mac_address()
    plain = made.replace(":", "")
    return chance.choice(
        [
            made,
            made.upper(),
            made.replace(":", "-"),
            f"{plain[:4]}.{plain[4:8]}.{plain[8:]}" if any(c in "abcdef" for c in plain) else made,
        ]
    )


def url(chance: random.Random, form: str) -> str:
    host, path, token = (
        faker.domain_name(),
        faker.uri_path(),
        of(chance, string.ascii_letters + string.digits, chance.randrange(20, 40)),
    )
    password = of(chance, string.ascii_letters + string.digits + "!$%_", chance.randrange(8, 14))
    return chance.choice(
        [
            f"https://«{faker.user_name()}:{password}»@{host}/{path}",
            f"postgres://«{faker.user_name()}:{password}»@{host}:5432/{faker.word()}",
            f"https://{host}/{path}?access_token=«{token}»",
            f"https://{host}/{path}?page=2&api_key=«{token}»&lang=de",
            f"https://{host}/reset?user=17&token=«{token}»",
            f"https://{host}/o/x.pdf?X-Amz-Date=20260101T0Z&X-Amz-Signature=«{of(chance, '0123456789abcdef', 64)}»",
            f"https://{host}/#id_token=«{token}»",
            f"https://{host}/b?sv=2022-11-02&sig=«{of(chance, string.ascii_letters + string.digits, 40)}%3D»",
        ]
    )


def secret(chance: random.Random, form: str) -> str:
    mixed, hexadecimal = string.ascii_letters + string.digits, "0123456789abcdef"

    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    if form == "spoken":
        return faker.word() + of(chance, mixed, 6)
    claims = part({"sub": digits(chance, 6), "exp": 1700000000})
    token = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{claims}.{of(chance, mixed + '-_', 43)}"
    pem = "\n".join(of(chance, mixed + "+/", 64) for _ in range(3))
    # Put together here, so that nobody takes this file for a leak.
    return chance.choice(
        [
            token,
            token,
            "AK" + "IA" + of(chance, string.ascii_uppercase + "234567", 16),
            "gh" + chance.choice("pousr") + "_" + of(chance, mixed, 36),
            "git" + "hub_pat_" + of(chance, mixed, 22) + "_" + of(chance, mixed, 59),
            "gl" + "pat-" + of(chance, mixed + "-_", 19) + "a",
            "xo" + "xb-" + digits(chance, 12) + "-" + of(chance, mixed, 24),
            "sk" + "_live_" + of(chance, mixed, 24),
            "AI" + "za" + of(chance, mixed + "-_", 34) + "a",
            "sk" + "-proj-" + of(chance, mixed, 48),
            "sk" + "-ant-api03-" + of(chance, mixed, 80),
            "np" + "m_" + of(chance, mixed, 36),
            "py" + "pi-AgEIcHlwaS5vcmc" + of(chance, mixed, 60),
            "S" + "G." + of(chance, mixed, 22) + "." + of(chance, mixed, 43),
            "S" + "K" + of(chance, hexadecimal, 32),
            "-----BEGIN "
            + chance.choice(["RSA ", "EC ", ""])
            + "PRIVATE KEY-----\n"
            + pem
            + "\n-----END PRIVATE KEY-----",
            "password=«" + of(chance, mixed + "!#", 11) + "»",
            "Password: «" + of(chance, mixed, 9) + "7»",
            "api_key: «" + of(chance, mixed, 32) + "»",
            '"client_secret": "«' + of(chance, hexadecimal, 40) + '»"',
            "Authorization: Bearer «" + of(chance, mixed, 40) + "»",
        ]
    )


MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "es": [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    "pt": [
        "janeiro",
        "fevereiro",
        "março",
        "abril",
        "maio",
        "junho",
        "julho",
        "agosto",
        "setembro",
        "outubro",
        "novembro",
        "dezembro",
    ],
    "nl": [
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ],
}


def date(chance: random.Random, form: str) -> str:
    """A date of 1930 to 2015 in one of the forms of a language."""
    day, month, year = chance.randrange(1, 29), chance.randrange(1, 13), chance.randrange(1930, 2016)
    name = MONTHS.get(form, MONTHS["en"])[month - 1]
    forms = {
        "en": [
            f"{month}/{day}/{year}",
            f"{year}-{month:02d}-{day:02d}",
            f"{name} {day}, {year}",
            f"{day} {name} {year}",
            f"{name[:3]} {day}, {year}",
        ],
        "de": [
            f"{day:02d}.{month:02d}.{year}",
            f"{day}.{month}.{year}",
            f"{day}. {name} {year}",
            f"{day:02d}.{month:02d}.{year % 100:02d}",
        ],
        "fr": [
            f"{day:02d}/{month:02d}/{year}",
            f"{'1er' if day == 1 else day} {name} {year}",
            f"{day:02d}-{month:02d}-{year}",
        ],
        "es": [f"{day} de {name} de {year}", f"{day:02d}/{month:02d}/{year}"],
        "pt": [f"{day} de {name} de {year}", f"{day:02d}/{month:02d}/{year}"],
        "it": [f"{day} {name} {year}", f"{day:02d}/{month:02d}/{year}"],
        "nl": [f"{day} {name} {year}", f"{day:02d}-{month:02d}-{year}"],
        "hi": [f"{day:02d}/{month:02d}/{year}", f"{day:02d}-{month:02d}-{year}"],
        "numeric": [f"{day:02d}.{month:02d}.{year}", f"{year}-{month:02d}-{day:02d}", f"{day}/{month}/{year}"],
        "ja": [f"{year}年{month}月{day}日"],
    }
    return chance.choice(forms.get(form, forms["en"]))


MAKERS: dict[str, Callable[[random.Random, str], str]] = {
    "email": email,
    "telephone": telephone,
    "card": card,
    "iban": iban,
    "us_ssn": us_ssn,
    "gb_nino": gb_nino,
    "gb_nhs": gb_nhs,
    "de_tax_id": de_tax_id,
    "de_social": de_social,
    "fr_nir": fr_nir,
    "fr_tax": fr_tax,
    "ipv4": ipv4,
    "ipv6": ipv6,
    "mac": mac,
    "url": url,
    "secret": secret,
    "date_of_birth": date,
}
