"""What the tutorials of FastAPI and Mangum begin with: the yardstick for cold starts."""

from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()


@app.get("/")
async def root() -> dict[str, str]:
    return {"message": "Hello World"}


handler = Mangum(app, lifespan="off")
