from analytics.routes import PARTS
from common.web import create_app

app = create_app("analytics", later=PARTS, alike=True)
