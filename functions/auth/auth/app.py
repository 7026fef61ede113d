from auth.routes import PARTS
from common.web import create_app

app = create_app("auth", later=PARTS)
