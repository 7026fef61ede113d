"""An authenticator app, and the accounts that want its codes. Codes are of the real time: the deployed stack has no other."""

import asyncio
import time

import pyotp

from tests.attacks.members import Member, SignedIn
from tests.server.ways import Answer

_STEP_S = 30
_ENOUGH_S = 12


class Authenticator:
    def __init__(self, secret: str) -> None:
        self._totp = pyotp.TOTP(secret)

    def code(self, steps: int = 0) -> str:
        """That it shows `steps` half minutes from now."""
        return self._totp.at(int(time.time()) + steps * _STEP_S)

    def wrong(self) -> str:
        """Of no step that is near."""
        near = {self.code(steps) for steps in range(-5, 6)}
        return next(code for code in (f"{n:06}" for n in range(20)) if code not in near)


async def early_in_a_step() -> None:
    """Waits until what follows can be over before the next code is shown."""
    left = _STEP_S - time.time() % _STEP_S
    if left < _ENOUGH_S:
        await asyncio.sleep(left)


async def turn_on(signed_in: SignedIn) -> tuple[Authenticator, list[str]]:
    """With the code before the present one, so that the present one is still good. The recovery codes too."""
    await early_in_a_step()
    app = Authenticator((await signed_in.made("POST", "/v1/auth/me/mfa/totp"))["secret"])
    confirmed = await signed_in.made("POST", "/v1/auth/me/mfa/totp/confirm", {"code": app.code(-1)})
    return app, confirmed["recovery_codes"]


async def challenge(member: Member) -> str:
    answer = await member.try_to_sign_in()
    assert answer.json["mfa_required"] is True, answer
    return str(answer.json["challenge"])


async def second_half(member: Member, begun: str, **proof: str) -> Answer:
    order = {"challenge": begun, "transport": "body", **proof}
    return await member.door.call("POST", "/v1/auth/login/mfa", order)
