"""AWS Lambda's way in."""

from mangum import Mangum

from money.app import app

handler = Mangum(app, lifespan="off")
