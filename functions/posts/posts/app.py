from common.web import create_app
from posts.front import Front
from posts.routes import PARTS

app = create_app("posts", later=PARTS, front=Front)
