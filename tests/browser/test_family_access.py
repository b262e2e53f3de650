"""The family's report for people who use a keyboard, need large letters, are made dizzy by motion, or print in grey."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visit import Site
from tests.browser.walk import enter, link_for_ana
from tests.web_pages import page_settings

pytestmark = pytest.mark.browser

# What a key must reach; of a group of choices one, from which the arrows lead to the others.
NUMBER_STOPS = """
() => {
    const groups = new Set();
    const stops = [...document.querySelectorAll(
        'a[href], button, input:not([type=hidden]), select, textarea, summary, audio[controls]'
    )].filter(stop => stop.checkVisibility()).filter(stop => {
        if (stop.type !== 'radio') return true;
        const isNew = !groups.has(stop.name);
        groups.add(stop.name);
        return isNew;
    });
    stops.forEach((stop, number) => stop.dataset.stop = number);
    return stops.length;
}
"""
FOCUSED = """
() => {
    const here = document.activeElement;
    if (!here || here === document.body) return null;
    const style = getComputedStyle(here), box = here.getBoundingClientRect();
    return {
        stop: here.dataset.stop === undefined ? null : Number(here.dataset.stop),
        ring: here.matches('audio') || style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        html: here.outerHTML.slice(0, 80),
    };
}
"""
LETTERS = "part => parseFloat(getComputedStyle(part).fontSize)"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# Text that its box cuts off; what is hidden for the eye alone (1 pixel wide) is not meant.
CUT_OFF = """
() => [...document.querySelectorAll('main *')].filter(box => box.clientWidth > 1 && box.textContent.trim()
    && ['hidden', 'clip'].includes(getComputedStyle(box).overflowX)
    && (box.scrollWidth > box.clientWidth + 1 || box.scrollHeight > box.clientHeight + 1))
    .map(box => box.outerHTML.slice(0, 80))
"""
MOVING = """
() => [document.getAnimations().length, [...document.querySelectorAll('*')].filter(part => {
    const style = getComputedStyle(part);
    return style.animationName !== 'none' || style.scrollBehavior === 'smooth'
        || style.transitionDuration.split(',').some(time => parseFloat(time) > 0.01);
}).length]
"""
PAPER = "() => { const body = getComputedStyle(document.body); return [body.backgroundColor, body.color]; }"
# Contrast, by WCAG 2, of each text with what it stands on, both turned to grey as a printer does.
PALE_IN_GREY = """
least => {
    const paint = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
    const channels = colour => {
        paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
        return paint.getImageData(0, 0, 1, 1).data;
    };
    const grey = colour => {
        const [red, green, blue] = channels(colour);
        const value = (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
        return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    const ground = part => {
        for (let box = part; box; box = box.parentElement) {
            const colour = getComputedStyle(box).backgroundColor;
            if (channels(colour)[3] > 127) return colour;
        }
        return 'white';
    };
    const contrast = (one, other) => {
        const [low, high] = [grey(one), grey(other)].sort((a, b) => a - b);
        return (high + 0.05) / (low + 0.05);
    };
    const texts = [...document.querySelectorAll('body *')].filter(part => part.checkVisibility()
        && [...part.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()));
    const pale = texts.filter(part => contrast(getComputedStyle(part).color, ground(part)) < least);
    const fill = name => getComputedStyle(document.querySelector('.bar ' + name)).fill;
    const marks = ['.band', '.line'].flatMap(
        mark => ['.at', '.before'].map(under => contrast(fill(mark), fill(under)))
    );
    return {texts: texts.length, pale: pale.map(part => part.outerHTML.slice(0, 80)), marks: Math.min(...marks)};
}
"""


@pytest.fixture
def report(browser: Browser, site: Site, tmp_path: Path) -> Iterator[Page]:
    """Ana's report, opened from the link; the window is as large as a small notebook's."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 720}, reduced_motion="reduce", locale="en-US"
    )
    page = context.new_page()
    page.goto(link_for_ana(site, page_settings(tmp_path), tmp_path))
    enter(page)
    page.get_by_role("button", name="Skip and see the report").click()
    page.wait_for_selector(".family-report")
    yield page
    context.close()


def walk(page: Page) -> list[dict[str, Any]]:
    """Where the Tab key stops, from the top of the page to its end."""
    most, found = 2 * int(page.evaluate(NUMBER_STOPS)) + 20, []
    page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        found.append(stop)
    return found


def test_every_place_is_reached_and_seen_by_keyboard(report: Page) -> None:
    site = report.url.partition("/family")[0]
    for path in ("/family", "/family/your-turn", "/family/mistake", "/family/stop"):
        report.goto(site + path)
        stops = walk(report)
        reached = [stop["stop"] for stop in stops if stop["stop"] is not None]
        assert list(dict.fromkeys(reached)) == list(range(int(report.evaluate(NUMBER_STOPS)))), path
        assert [stop["html"] for stop in stops if not (stop["ring"] and stop["inView"])] == []


def test_a_word_is_explained_by_keyboard(report: Page) -> None:
    word = report.locator(".term > summary").first
    word.focus()
    says = report.locator(".term .says").first
    expect(says).to_be_hidden()
    report.keyboard.press("Enter")
    expect(says).to_be_visible()
    report.keyboard.press("Space")
    expect(says).to_be_hidden()


def test_a_closed_word_breaks_no_line(report: Page) -> None:
    """Each text that holds a word to tap is as high as with the bare word in its place."""
    report.set_viewport_size({"width": 390, "height": 844})
    heights = report.evaluate(
        """() => [...document.querySelectorAll(".term")].map(term => {
            const text = term.parentElement, before = text.getBoundingClientRect().height;
            term.replaceWith(term.querySelector("summary").textContent);
            return [before, text.getBoundingClientRect().height];
        })"""
    )
    assert heights
    assert [pair for pair in heights if pair[0] != pair[1]] == []


def test_letters_twice_as_large_stay_on_the_page(report: Page) -> None:
    """A window half as wide is what a browser makes of 200 %; telephones enlarge the letters alone."""
    found = {}
    for width in (640, 390, 320):
        for percent in (100, 200):
            report.set_viewport_size({"width": width, "height": 720})
            report.evaluate("percent => { document.documentElement.style.fontSize = percent + '%' }", percent)
            size = report.locator(".family-report p").first.evaluate(LETTERS)
            found[width, percent] = (
                size >= 14 * percent / 100,
                report.evaluate(OVERFLOW),
                report.evaluate(CUT_OFF),
            )
    assert found == {asked: (True, 0, []) for asked in found}


def test_nothing_moves_for_whoever_wants_no_motion(report: Page) -> None:
    assert report.evaluate(MOVING) == [0, 0]


def test_the_page_prints_in_grey_on_white_whatever_the_screen(report: Page) -> None:
    for scheme in ("light", "dark"):
        report.emulate_media(media="print", color_scheme=scheme)
        found = report.evaluate(PALE_IN_GREY, 4.5)
        assert found["texts"] > 50
        assert found["pale"] == []
        assert found["marks"] >= 3, "the band and the line stand out from the bar below them"
        assert report.evaluate(PAPER) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
