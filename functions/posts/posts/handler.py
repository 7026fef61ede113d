"""AWS Lambda's way in."""

from mangum import Mangum

from posts.app import app

handler = Mangum(app, lifespan="off")
