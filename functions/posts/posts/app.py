from common.web import create_app
from posts.routes import router

app = create_app("posts", router)
