"""Numbers with check digits, each computed from its publication and by other means than the detector's."""

import random
import string


def card(payload: str) -> str:
    """ISO/IEC 7812-1 annex B: the digit that makes the sum of all, every second doubled, a multiple of ten."""
    for check in string.digits:
        number = payload + check
        total = sum(
            sum(map(int, str(int(digit) * (2 if place % 2 else 1)))) for place, digit in enumerate(reversed(number))
        )
        if total % 10 == 0:
            return number
    raise AssertionError


def nino(chance: random.Random) -> str:
    """HMRC's manual NIM39110: two letters of those that are given, six digits, A to D."""
    while True:
        prefix = chance.choice("ABCEGHJKLMNOPRSTWXYZ") + chance.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"}:
            return f"{prefix}{chance.randrange(10**6):06d}{chance.choice('ABCD')}"


def nhs(chance: random.Random) -> str:
    """NHS data dictionary: eleven less the weighted sum modulo eleven; a remainder that gives 10 is not given out."""
    while True:
        body = chance.choice("467") + f"{chance.randrange(10**8):08d}"
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(body)) % 11
        if check != 10:
            return body + str(check % 11)


def steuer_id(chance: random.Random) -> str:
    """Of the ten digits one comes twice (or three times, not in a row), ISO 7064 mod 11,10 behind."""
    while True:
        pool = list(string.digits)
        several = chance.choice(pool)
        rest = [digit for digit in pool if digit != several]
        if chance.random() < 0.5:
            chosen = [several] * 2 + chance.sample(rest, 8)
        else:
            chosen = [several] * 3 + chance.sample(rest, 7)
        chance.shuffle(chosen)
        body = "".join(chosen)
        if body[0] != "0" and several * 3 not in body:
            break
    product = 10
    for digit in body:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return body + str((11 - product) % 10)


def rentenversicherung(chance: random.Random) -> str:
    """VKVV: area, day, month, year, letter, serial; digits times 2 1 2 5 7 1 2 1 2 1 2 1, digit sums, modulo ten."""
    area = chance.choice([2, 3, 4, 8, 10, 13, 15, 18, 20, 23, 25, 38, 40, 52, 65, 80])
    day, month, year = chance.randrange(1, 32), chance.randrange(1, 13), chance.randrange(100)
    letter, serial = chance.choice(string.ascii_uppercase), chance.randrange(100)
    figures = f"{area:02d}{day:02d}{month:02d}{year:02d}{string.ascii_uppercase.index(letter) + 1:02d}{serial:02d}"
    check = (
        sum(
            sum(map(int, str(int(figure) * weight)))
            for figure, weight in zip(figures, (2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1), strict=True)
        )
        % 10
    )
    return f"{area:02d}{day:02d}{month:02d}{year:02d}{letter}{serial:02d}{check}"


def nir(chance: random.Random) -> str:
    """INSEE: the key is 97 less the number modulo 97; Corsica's 2A is read as 19, 2B as 18."""
    department = chance.choice([*(f"{n:02d}" for n in range(1, 96) if n != 20), "2A", "2B", "97", "99"])
    birth = f"{chance.choice('12')}{chance.randrange(100):02d}{chance.randrange(1, 13):02d}"
    body = f"{birth}{department}{chance.randrange(1, 990):03d}{chance.randrange(1, 1000):03d}"
    value = int(body.replace("2A", "19").replace("2B", "18"))
    return f"{body}{97 - value % 97:02d}"


def spi(chance: random.Random) -> str:
    """OECD's sheet on France: ten digits, then they modulo 511."""
    body = chance.choice("0123") + f"{chance.randrange(10**9):09d}"
    return f"{body}{int(body) % 511:03d}"
