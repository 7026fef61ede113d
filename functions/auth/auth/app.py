from auth.routes import router
from common.web import create_app

app = create_app("auth", router)
