from auth.schemas.fields import DisplayName, Email, Locale, NewPassword
from common.schemas import Strict


class Register(Strict):
    email: Email
    password: NewPassword
    display_name: DisplayName
    locale: Locale = "en"
