"""What a user did wrong, said in one line."""


class UserError(Exception):
    """A mistake of the user, not of the code.

    The message is one line: what is wrong, where (file:line, flag or column), and the mend.
    The command line prints it and exits with code 2; a traceback is for our own mistakes.
    """
