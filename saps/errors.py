"""What a user did wrong, said in one line."""


class UserError(Exception):
    """A mistake of the user, not of the code.

    The message is one line: what is wrong, where (file:line, setting or column), and the mend.
    The command line prints it and exits with code 2; a traceback is for our own mistakes.
    """

    def __init__(self, message: str, setting: str = "") -> None:
        """Takes the message, and the setting that mends it, such as ``allow_unknown``: only a command has flags."""
        super().__init__(message)
        self.setting = setting


def check_range(setting: str, value: float, least: float, most: float | None = None) -> None:
    """Checks a number that a user gave.

    Raises:
        UserError: it is below ``least``, above ``most``, or not a number at all (NaN).
    """
    if not value >= least or (most is not None and value > most):
        wanted = f"at least {least}" if most is None else f"from {least} to {most}"
        raise UserError(f"{setting} is {value}; it must be {wanted}")


def printable(text: str) -> str:
    """A text from elsewhere as a terminal may be given it: one line, control characters written as escapes."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text)
