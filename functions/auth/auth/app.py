from auth.routes import LATER, router
from common.web import create_app

app = create_app("auth", router, LATER)
