from common.web import create_app
from posts.answers import Front, asked_before
from posts.routes import PARTS

app = create_app("posts", later=PARTS, front=Front)
app.router.routes.insert(0, asked_before)
