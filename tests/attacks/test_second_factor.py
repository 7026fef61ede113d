"""Who knows the password and does not have the phone."""

from tests.attacks.authenticator import challenge, early_in_a_step, second_half, turn_on
from tests.attacks.door import Door, refused
from tests.attacks.members import Member


async def test_a_code_is_good_once(ada: Member) -> None:
    app, _ = await turn_on(await ada.sign_in())
    code = app.code()
    assert (await second_half(ada, await challenge(ada), code=code)).status == 200
    refused(await second_half(ada, await challenge(ada), code=code), 401, "InvalidCode")


async def test_a_code_older_than_one_that_was_used_is_bad(ada: Member) -> None:
    app, _ = await turn_on(await ada.sign_in())
    await early_in_a_step()
    assert (await second_half(ada, await challenge(ada), code=app.code())).status == 200
    refused(await second_half(ada, await challenge(ada), code=app.code(-1)), 401, "InvalidCode")


async def test_codes_two_steps_away_are_bad(ada: Member) -> None:
    app, _ = await turn_on(await ada.sign_in())
    for steps in (-2, 2):
        begun = await challenge(ada)
        await early_in_a_step()
        refused(await second_half(ada, begun, code=app.code(steps)), 401, "InvalidCode")


async def test_the_sixth_try_is_one_too_many_even_with_the_right_code(ada: Member) -> None:
    app, codes = await turn_on(await ada.sign_in())
    begun = await challenge(ada)
    for _ in range(5):
        refused(await second_half(ada, begun, code=app.wrong()), 401, "InvalidCode")
    for proof in ({"code": app.wrong()}, {"code": app.code()}, {"recovery_code": codes[0]}):
        late = await second_half(ada, begun, **proof)
        refused(late, 429, "TooManyRequests")
        assert int(late.headers["retry-after"]) > 0


async def test_a_new_challenge_after_each_five_tries_does_not_help_for_long(ada: Member) -> None:
    app, _ = await turn_on(await ada.sign_in())
    for _ in range(4):
        begun = await challenge(ada)
        for _ in range(5):
            refused(await second_half(ada, begun, code=app.wrong()), 401, "InvalidCode")
    refused(await second_half(ada, await challenge(ada), code=app.code()), 429, "TooManyRequests")


async def test_a_recovery_code_is_good_once(ada: Member) -> None:
    _, codes = await turn_on(await ada.sign_in())
    assert (await second_half(ada, await challenge(ada), recovery_code=codes[0])).status == 200
    refused(await second_half(ada, await challenge(ada), recovery_code=codes[0]), 401, "InvalidCode")
    assert (await second_half(ada, await challenge(ada), recovery_code=codes[1])).status == 200


async def test_another_person_s_recovery_code_is_bad(ada: Member, bob: Member) -> None:
    _, codes = await turn_on(await ada.sign_in())
    await turn_on(await bob.sign_in())
    refused(await second_half(bob, await challenge(bob), recovery_code=codes[0]), 401, "InvalidCode")


async def test_a_challenge_ends_with_the_sign_in(ada: Member) -> None:
    app, codes = await turn_on(await ada.sign_in())
    begun = await challenge(ada)
    assert (await second_half(ada, begun, code=app.code())).status == 200
    refused(await second_half(ada, begun, recovery_code=codes[0]), 401, "InvalidChallenge")


async def test_a_challenge_that_nobody_was_given_is_refused(door: Door, ada: Member) -> None:
    for made_up in ("", "x", "A" * 64, f"{'A' * 63}\0", "\ud800"):
        answer = await second_half(ada, made_up, code="123456")
        assert answer.status in (401, 422), answer
