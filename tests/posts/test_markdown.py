import pytest

from posts.markdown import excerpt, render


def test_headings_lists_tables_and_code_survive() -> None:
    html = render("# Head\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\nx < y\n```\n\n~~old~~")
    for part in ("<h1>Head</h1>", "<li>one</li>", "<td>1</td>", "<code>x &lt; y", "<s>old</s>"):
        assert part in html


def test_links_of_people_do_not_vouch_for_their_target() -> None:
    assert 'rel="nofollow noopener ugc"' in render("[x](https://example.org)")


def test_an_excerpt_is_plain_text_cut_at_a_word() -> None:
    text = excerpt(render("# Заголовок\n\n" + "слово " * 100))
    assert text.startswith("Заголовок слово")
    assert text.endswith("слово…")
    assert len(text) <= 281


def test_an_excerpt_keeps_words_and_points_as_they_stood() -> None:
    html = render("One **bold**, and\ntwo.\n\n- a\n- b\n\n| c | d |\n|---|---|\n| e | f |")
    assert excerpt(html) == "One bold, and two. a b c d e f"


@pytest.mark.parametrize("body", ["> " * 20_000, "[" * 50_000, "*a " * 30_000, "- " * 20_000, "`" * 50_000])
def test_deep_nesting_ends(body: str) -> None:
    render(body)
