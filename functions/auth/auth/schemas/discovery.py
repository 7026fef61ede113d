from pydantic import BaseModel


class JsonWebKeySet(BaseModel):
    keys: list[dict[str, str]]
