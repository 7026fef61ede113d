from common.web import create_app
from money.routes import router

app = create_app("money", router)
