from common.web import create_app
from money.routes import PARTS

app = create_app("money", later=PARTS)
