"""What numbers should be: answers on stdout, a line for each JSON case on stdin.

Wholes and floats by Python's own arithmetic and exact fractions; decimals by the decimal module, with plain Taylor
series of Decimals for the functions that it lacks. Nothing here is shared with Warble but the rules of its SPEC.
"""
import json
import sys
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, localcontext
from fractions import Fraction

GUARD = 10
if hasattr(sys, "set_int_max_str_digits"):
    sys.set_int_max_str_digits(0)


def context(digits):
    return Context(prec=digits, rounding=ROUND_HALF_EVEN, Emax=MAX_EMAX, Emin=MIN_EMIN)


# ---- functions of decimals, to far more digits than are asked for

PI = {}


def pi(digits):
    """Gauss and Legendre's mean."""
    if digits not in PI:
        with localcontext(context(digits + 10)):
            a, b, t, p = Decimal(1), 1 / Decimal(2).sqrt(), Decimal("0.25"), 1
            for _ in range(digits.bit_length() + 2):
                mean = (a + b) / 2
                b, t, a, p = (a * b).sqrt(), t - p * (a - mean) ** 2, mean, 2 * p
            PI[digits] = (a + b) ** 2 / (4 * t)
    return PI[digits]


def sine_series(x):
    term = total = x
    k, last = 1, None
    while total != last:
        last = total
        term = -term * x * x / ((k + 1) * (k + 2))
        k += 2
        total += term
    return total


def turn(x, digits):
    """Sine and cosine of x, both with `digits` right digits."""
    if x == 0:
        return Decimal(0), Decimal(1)
    extra = max(0, x.adjusted())
    while True:
        with localcontext(context(digits + extra + 20)) as c:
            quarter = pi(digits + extra + 20) / 2
            turns = (x / quarter).to_integral_value()
            rest = x - turns * quarter
            # Digits that the rest lost against x; a sum next to 1 needs none of them.
            lost = max(0, x.adjusted()) + max(0, -rest.adjusted())
            if c.prec - lost < digits + 10 and x.adjusted() > -3:
                extra += lost + 10
                continue
            sine = sine_series(rest)
            cosine = sine_series(quarter - abs(rest))
            side = int(turns) % 4
            return [(sine, cosine), (cosine, -sine), (-sine, -cosine), (-cosine, sine)][side]


def atan(x, digits):
    with localcontext(context(digits + 30)):
        if x == 0:
            return Decimal(0)
        if abs(x) > 1:
            half = pi(digits + 30) / 2
            rest = atan(1 / x, digits + 20)
            return half.copy_sign(x) - rest
        for _ in range(4):
            x = x / (1 + (1 + x * x).sqrt())
        power = total = x
        k, last = 1, None
        while total != last:
            last = total
            power = -power * x * x
            k += 2
            total += power / k
        return 16 * total


def asin(x, digits):
    with localcontext(context(digits + 30 + 2 * len(x.as_tuple().digits) + abs(x.adjusted()))):
        if abs(x) == 1:
            return (pi(digits + 30) / 2).copy_sign(x)
        return atan(x / ((1 - x) * (1 + x)).sqrt(), digits + 20)


def acos(x, digits):
    with localcontext(context(digits + 30 + 2 * len(x.as_tuple().digits) + abs(x.adjusted()))):
        if x == -1:
            return pi(digits + 30)
        return 2 * atan(((1 - x) / (1 + x)).sqrt(), digits + 20)


def atan2(y, x, digits):
    with localcontext(context(digits + 40)):
        if x == 0 and y == 0:
            return Decimal(0)
        if x == 0:
            return (pi(digits + 40) / 2).copy_sign(y)
        angle = atan(y / x, digits + 20)
        return angle if x > 0 else angle + pi(digits + 40).copy_sign(y if y != 0 else Decimal(1))


def function(name, args, digits):
    with localcontext(context(digits + 20)):
        if name == "PI":
            return pi(digits + 20)
        x = args[0]
        if name == "SQRT":
            return x.sqrt()
        if name == "EXP":
            return x.exp()
        if name == "LN":
            return x.ln()
        if name in ("SIN", "COS", "TAN"):
            sine, cosine = turn(x, digits)
            return {"SIN": lambda: sine, "COS": lambda: cosine, "TAN": lambda: sine / cosine}[name]()
        if name == "ATAN2":
            return atan2(x, args[1], digits)
        return {"ASIN": asin, "ACOS": acos, "ATAN": atan}[name](x, digits)


# ---- printing

def show(value, digits):
    """A number as SPEC section 4 prints it."""
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(value) if value - value == 0 else "RANGE"
    value = context(digits).plus(value)
    if value == 0:
        return "0.0"
    sign, figures, _ = value.as_tuple()
    text = "".join(map(str, figures)).rstrip("0") or "0"
    power = value.adjusted()
    sign = "-" if sign else ""
    if power < -6 or power >= max(16, digits):
        fraction = "." + text[1:] if len(text) > 1 else ""
        return f"{sign}{text[0]}{fraction}e{'-' if power < 0 else '+'}{abs(power):02}"
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{text}"
    text = text.ljust(power + 1, "0")
    return f"{sign}{text[:power + 1]}.{text[power + 1:] or '0'}"


# ---- operators

def number(text, is_decimal):
    if text.lstrip("-").isdigit():
        return int(text)
    return Decimal(text) if is_decimal else float(text)


def near(fraction):
    """The nearest float, or "RANGE"."""
    try:
        return float(fraction)
    except OverflowError:
        return "RANGE"


def operate(op, a, b, digits):
    if op == "ROUND":
        return decimal_round(a, b) if isinstance(a, Decimal) else round(a, b)
    if op == "ROUND1":
        return round(a)
    if isinstance(a, int) and isinstance(b, int) and not (op == "/" or (op == "^" and b < 0)):
        return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "//": lambda: a // b,
                "%": lambda: a % b, "^": lambda: a ** b}[op]()
    if digits == 0:
        if op == "^":
            return float_power(a, b)
        return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b,
                "//": lambda: a // b, "%": lambda: a % b}[op]()
    return decimal_operate(op, Decimal(a), Decimal(b), digits)


def float_power(a, b):
    """Exact where the exponent is whole, by many digits else."""
    if b == int(b):
        return near(Fraction(a) ** int(b))
    with localcontext(context(200)):
        return float(Decimal(a) ** Decimal(b))


def decimal_operate(op, a, b, digits):
    with localcontext(context(digits + GUARD)):
        if op == "^":
            with localcontext(context(digits + GUARD + 60)):
                value = a ** b
            return +value
        if op in ("+", "-", "*", "/"):
            return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[op]()
    with localcontext(context(2000)):
        floor = Decimal(Fraction(a) // Fraction(b))
        return floor if op == "//" else a - floor * b


def decimal_round(a, places):
    with localcontext(context(2000)):
        return a.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_EVEN)


def answer(case):
    digits = case["digits"]
    args = [number(text, digits > 0) for text in case["args"]]
    try:
        if case["op"][0].isalpha() and not case["op"].startswith("ROUND"):
            exact = function(case["op"], [Decimal(x) for x in args], (digits or 17) + 30)
            return show(exact, digits) if digits > 0 else show(float(exact), 0)
        value = operate(case["op"], args[0], args[1] if len(args) > 1 else None, digits)
        if isinstance(value, str):
            return value
        return show(value, digits)
    except (ZeroDivisionError, DivisionByZero):
        return "DIV0"
    except OverflowError:
        return "RANGE"


for line in sys.stdin:
    print(answer(json.loads(line)))
