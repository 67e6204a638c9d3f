"""Checks whose failures are findings, and what they compare with."""

import traceback
import warnings

# What was checked: package, case, and the difference or None.
results = []
# Called before each check.
prepare = print
# Whether to show where a difference comes from.
trace = False


def check(package, case, action):
    """Runs one check; what it raises is the difference."""
    prepare()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            action()
        results.append((package, case, None))
    except Exception as error:  # noqa: BLE001 - whatever a package raises is the finding
        detail = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        results.append((package, case, detail))
        if trace:
            traceback.print_exc()


def equal(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r} instead of {wanted!r}")


def typed(value):
    """The value, once its type has read back what it holds."""
    type(value).model_validate(value.model_dump(by_alias=True))
    return value
