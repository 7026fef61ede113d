"""AWS Lambda's way in."""

from mangum import Mangum

from auth.app import app

handler = Mangum(app, lifespan="off")
