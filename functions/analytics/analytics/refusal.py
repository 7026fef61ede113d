"""Why a workbook is not read at all."""


class WorkbookRefused(Exception):
    """The message is shown to whoever uploaded the file: what is wrong, and what to do about it."""
