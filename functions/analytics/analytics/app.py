from analytics.routes import router
from common.web import create_app

app = create_app("analytics", router)
