from common.errors import AppError, NotFound, ServiceUnavailable, Unprocessable


class UploadNotFound(NotFound):
    """You have no such upload."""


class DatasetNotFound(NotFound):
    """You have no such dataset."""


class Conflict(AppError):
    """The state of things does not allow it."""

    status = 409


class UploadBusy(Conflict):
    """The upload is being read at this moment; wait for its end."""


class UploadIsDataset(Conflict):
    """The upload has become a dataset; delete the dataset, and the upload goes with it."""


class TooManyWatchers(ServiceUnavailable):
    """Very many watch their uploads at this moment; ask for the upload itself now and then."""


class NotFailed(Conflict):
    """Only an upload that failed can be tried again."""


class FileGone(Conflict):
    """The file was kept for seven days and is gone; upload it again."""


class FileTooLarge(AppError):
    """The file is larger than an upload may be."""

    status = 413


class UnsupportedFileType(AppError):
    """Only Excel workbooks (.xlsx) can be uploaded."""

    status = 415


class DatasetBusy(Conflict):
    """The dataset is being read again; wait until that is done."""


class ColumnNotFound(NotFound):
    """The dataset has no such column."""


class AmbiguousColumn(Unprocessable):
    """Several tables of the dataset have this column: say which with `table`."""


class InvalidQuery(Unprocessable):
    """The query does not fit the dataset."""


class QueryTooHeavy(AppError):
    """The query takes too long or too much memory: narrow it with filters, or group by fewer columns."""

    status = 422


class DashboardNotFound(NotFound):
    """You have no such dashboard."""


class ShareNotFound(NotFound):
    """The link does not exist, has been taken back, or is out of date."""


class ReportNotFound(NotFound):
    """No letters of this dashboard are planned."""


class TooManyShares(Conflict):
    """A dashboard has as many links as it may have; take one back."""


class ExpiryInThePast(Unprocessable):
    """A link can be good until a moment to come; for one without an end, leave `expires_at` out."""


class WidgetNotFound(NotFound):
    """The dashboard has no such widget."""


class DashboardChanged(AppError):
    """The dashboard was changed since you read it; read it again and repeat your edit on the new version."""

    status = 412


class TooManyDashboards(Conflict):
    """You have as many dashboards as a person may have."""


class UnknownDataset(Unprocessable):
    """A widget is of a dataset that you do not have."""


class InvalidPeriod(Unprocessable):
    """The period is too long, or ends before it begins."""
