"""The page in a real browser: it loads, sorts, filters, follows the keyboard, and prints."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import ATTACKS, attacked, crowded, repeated, small
from render_timelines import TIMELINES
from test_render_segments import REPORTS as SEGMENTED

from driftcli.render import render

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

BINARIES = [shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")]
BINARY = next(filter(None, BINARIES), None)
DRIVER = shutil.which("chromedriver")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BINARY is None, reason="no chromium binary on the PATH"),
    pytest.mark.skipif(DRIVER is None, reason="no chromedriver on the PATH"),
    # Of selenium and urllib3: sockets that a stopped driver leaves to the collector.
    pytest.mark.filterwarnings(
        "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
    ),
]
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
Browser = Any


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    options = webdriver.ChromeOptions()
    options.binary_location = BINARY
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(executable_path=DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pages."""
    folder = tmp_path_factory.mktemp("pages")
    pages = {
        "small": render(small(), "html"),
        "segments": render(SEGMENTED["some"], "html"),
        "timeline": render(TIMELINES["rich"], "html"),
        "crowded": render(crowded(), "html"),
        "fifty-five": render(repeated(small(), 11), "html"),
        **{f"attack-{at}": render(attacked(text), "html") for at, text in enumerate(ATTACKS)},
    }
    for name, text in pages.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return folder


def opened(browser: Browser, folder: Path, name: str = "small", anchor: str = "") -> Browser:
    for log in ("browser", "performance"):
        browser.get_log(log)
    browser.get("about:blank")  # the same page with another anchor would not load again
    browser.get((folder / f"{name}.html").as_uri() + anchor)
    return browser


def names(browser: Browser) -> list[str]:
    """Return the columns of the table that are shown, in their order."""
    heads = browser.find_elements(By.CSS_SELECTOR, "#columns ~ .box tbody th")
    return [head.text.split("\n")[0] for head in heads if head.is_displayed()]


def press(browser: Browser, *keys: str) -> None:
    browser.switch_to.active_element.send_keys(*keys)


def wait(browser: Browser, reached: Callable[[], bool]) -> None:
    """Wait for what a link does: the page is told of it after the click."""
    WebDriverWait(browser, 30).until(lambda _: reached())


def head(browser: Browser, label: str) -> Any:
    path = f"//h2[@id='columns']/..//thead//button[.='{label}']"
    return browser.find_element(By.XPATH, path)


@pytest.mark.parametrize(
    "name", ["small", "segments", "timeline", *(f"attack-{at}" for at in range(len(ATTACKS)))]
)
def test_a_page_loads_without_a_message_or_a_request(
    browser: Browser, folder: Path, name: str
) -> None:
    opened(browser, folder, name)
    assert browser.get_log("browser") == []
    asked = [
        event
        for entry in browser.get_log("performance")
        if '"Network.requestWillBeSent"' in (event := entry["message"])
    ]
    assert len(asked) <= 2  # about:blank and the page itself
    assert not any('"url":"http' in event for event in asked)
    assert browser.execute_script("return document.documentElement.classList[0]") == "scripted"


def test_the_policy_stops_what_is_not_ours(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    browser.execute_script(
        "const bad = document.createElement('script'); bad.textContent = 'window.bad = 1';"
        "document.body.append(bad);"
        "document.body.insertAdjacentHTML('beforeend', '<b onclick=\"window.bad = 1\">x</b>');"
        "document.querySelector('b[onclick]').click();"
    )
    assert browser.execute_script("return window.bad") is None
    log = browser.get_log("browser")
    assert len(log) == 2  # the script, and the attribute
    assert all("Content Security Policy" in each["message"] for each in log)


def test_a_head_sorts_the_table_both_ways(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    button = head(browser, "column")
    button.click()
    assert names(browser) == ["carrier", "delay", "price", "seen", "stable"]
    assert button.find_element(By.XPATH, "..").get_attribute("aria-sort") == "ascending"
    button.click()
    assert names(browser) == ["stable", "seen", "price", "delay", "carrier"]
    number = head(browser, "js_distance")
    number.click()
    assert names(browser)[-1] == "stable"
    assert number.find_element(By.XPATH, "..").get_attribute("aria-sort") == "descending"
    assert len(browser.find_elements(By.CSS_SELECTOR, "[aria-sort]")) == 1


def test_the_search_and_the_filters_narrow_the_table_and_the_panels(
    browser: Browser, folder: Path
) -> None:
    opened(browser, folder)
    told = browser.find_element(By.CSS_SELECTOR, "[data-told]")
    assert told.text == "5 columns"
    search = browser.find_element(By.NAME, "search")
    search.send_keys("PRI")
    assert names(browser) == ["price"]
    assert told.text == "1 of 5 columns"
    panels = browser.find_elements(By.CSS_SELECTOR, "details[id^=column]")
    assert [panel.is_displayed() for panel in panels].count(True) == 1
    search.clear()
    search.send_keys("nothing of that kind")
    assert names(browser) == []
    search.clear()
    search.send_keys(Keys.BACKSPACE)
    browser.find_element(By.CSS_SELECTOR, ".chip.waived").click()
    assert names(browser) == ["price"]
    browser.find_element(By.CSS_SELECTOR, ".chip.waived").click()
    browser.find_element(By.CSS_SELECTOR, "select[name=kind] option:last-child").click()
    assert names(browser) == ["seen"]


def test_the_theme_follows_the_system_and_the_button(browser: Browser, folder: Path) -> None:
    def page() -> str:
        return browser.execute_script("return getComputedStyle(document.body).backgroundColor")

    shown = {}
    for scheme in ("light", "dark"):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        opened(browser, folder)
        shown[scheme] = page()
    button = browser.find_element(By.CSS_SELECTOR, "[data-theme-button]")
    assert (button.text, button.get_attribute("aria-label")) == ("Light", "Use light colours")
    button.click()
    assert page() == shown["light"] != shown["dark"]
    assert button.text == "Dark"
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_page_is_used_by_keyboard_alone(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("class") == "skip"
    press(browser, Keys.ENTER)
    press(browser, Keys.TAB)
    assert browser.switch_to.active_element.get_attribute("name") == "search"
    press(browser, "stable", Keys.ENTER)
    assert names(browser) == ["stable"]
    for _ in range(30):
        press(browser, Keys.TAB)
        if browser.switch_to.active_element.text == "column":
            break
    outline = browser.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    press(browser, Keys.SPACE)
    assert browser.find_element(By.CSS_SELECTOR, "[aria-sort=ascending]")


def test_a_link_opens_its_panel_and_all_open_and_close(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    browser.find_element(By.CSS_SELECTOR, "[data-fold]").click()
    link = browser.find_element(By.LINK_TEXT, "stable")
    name = link.get_dom_attribute("href").removeprefix("#")
    panel = browser.find_element(By.ID, name)
    assert panel.get_attribute("open") is None
    link.click()
    wait(browser, lambda: panel.get_attribute("open") == "true")
    wait(browser, lambda: browser.switch_to.active_element.tag_name == "summary")
    button = browser.find_element(By.CSS_SELECTOR, "[data-unfold]")
    button.click()
    panels = browser.find_elements(By.CSS_SELECTOR, "#each ~ details, .line ~ details")
    assert all(each.get_attribute("open") for each in panels)
    button.click()
    assert not any(each.get_attribute("open") for each in panels)
    opened(browser, folder, anchor=f"#{name}")
    panel = browser.find_element(By.ID, name)
    assert panel.get_attribute("open") == "true"


OURS = ["small", "segments", "timeline", "crowded"]
ATTACKED = [f"attack-{at}" for at in range(len(ATTACKS))]
#: Of what is shown, all that is wider than its place: the page, boxes that scroll, cells.
CUT = """
const root = document.documentElement;
const places = [root, ...document.querySelectorAll('.box, td, th, h3, li, p')];
return places
  .filter((each) => each.checkVisibility() && !each.matches('.unseen') && each.clientWidth)
  .filter((each) => !each.querySelector(':scope > .long'))
  .filter((each) => each.scrollWidth > each.clientWidth + 1)
  .map((each) => `${each.tagName} ${each.className} ${each.scrollWidth} > ${each.clientWidth}: `
    + each.textContent.trim().slice(0, 80));
"""


@pytest.fixture
def window(browser: Browser) -> Iterator[Callable[[int], None]]:
    def sized(width: int) -> None:
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    yield sized
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("name", OURS + ATTACKED)
@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_cut(
    browser: Browser, folder: Path, window: Callable[[int], None], name: str, width: int
) -> None:
    window(width)
    opened(browser, folder, name)
    browser.find_element(By.CSS_SELECTOR, "[data-unfold]").click()
    for button in browser.find_elements(By.CSS_SELECTOR, "[data-fold]"):
        button.click()
    assert browser.execute_script(CUT) == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", OURS)
def test_columns_are_cards_with_their_reasons_on_a_telephone(
    browser: Browser, folder: Path, window: Callable[[int], None], name: str
) -> None:
    window(400)
    opened(browser, folder, name)
    rows = browser.find_elements(By.CSS_SELECTOR, "#columns ~ .box tbody tr")
    tops = []
    for row in filter(lambda each: each.is_displayed(), rows):
        assert row.rect["x"] >= 0
        assert row.rect["x"] + row.rect["width"] <= 400
        why = row.find_element(By.CSS_SELECTOR, ".why")
        assert why.rect["width"] > 250 or not why.text
        tops.append(row.rect["y"])
    assert tops == sorted(set(tops))
    head(browser, "column").click()
    assert names(browser) == sorted(names(browser))


def test_strips_of_periods_are_squeezed_and_keep_their_height(
    browser: Browser, folder: Path, window: Callable[[int], None]
) -> None:
    window(320)
    opened(browser, folder, "timeline")
    strips = browser.find_elements(By.CSS_SELECTOR, "tbody td > .strip")
    sizes = {(each.rect["width"], each.rect["height"]) for each in strips if each.is_displayed()}
    assert all(width < 320 and height == 26 for width, height in sizes)


def test_unchanged_rows_are_folded_until_they_are_asked_for(browser: Browser, folder: Path) -> None:
    def shown() -> list[str]:
        opened(browser, folder)
        return names(browser)

    folded = [name for name in shown() if name not in ("delay", "price", "carrier")]
    assert folded == []
    button = browser.find_element(By.CSS_SELECTOR, "[data-fold]")
    assert button.get_attribute("aria-expanded") == "false"
    assert "1 unchanged, 1 not gated" in button.text
    button.click()
    assert len(names(browser)) == 5
    assert button.get_attribute("aria-expanded") == "true"
    button.click()
    assert names(browser) == shown()
    browser.find_element(By.NAME, "search").send_keys("stab")
    assert names(browser) == ["stable"]
    assert not browser.find_element(By.CSS_SELECTOR, "[data-fold]").is_displayed()
    assert browser.find_element(By.CSS_SELECTOR, "[data-rest]").get_attribute("open")
    assert shown()
    browser.find_element(By.CSS_SELECTOR, ".chip.ok").click()
    assert names(browser) == ["stable"]
    browser.find_element(By.CSS_SELECTOR, ".chip.ok").click()
    assert names(browser) == shown()
    head(browser, "column").click()
    assert len(names(browser)) == 5


def test_a_panel_leads_back_to_its_row(browser: Browser, folder: Path) -> None:
    opened(browser, folder)
    folded = browser.find_element(By.XPATH, "//tr[th[contains(., 'stable')]]")
    assert not folded.is_displayed()
    panel = browser.find_element(By.ID, folded.get_attribute("data-panel"))
    browser.find_element(By.CSS_SELECTOR, "[data-unfold]").click()
    panel.find_element(By.LINK_TEXT, "Back to the table").click()
    wait(browser, folded.is_displayed)
    wait(browser, lambda: browser.switch_to.active_element.text == "stable")
    top = browser.execute_script("return arguments[0].getBoundingClientRect().top", folded)
    assert 0 <= top <= browser.execute_script("return window.innerHeight")


def printed(browser: Browser, folder: Path, name: str, *, scripts: bool = True) -> int:
    """Return how many pages a page takes on paper."""
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
    opened(browser, folder, name)
    made = browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    pdf = base64.b64decode(made["data"])
    assert pdf.startswith(b"%PDF-")
    return pdf.count(b"/Type /Page\n")


@pytest.mark.parametrize("scripts", [True, False])
def test_what_is_open_is_printed_and_what_is_folded_stays_so(
    browser: Browser, folder: Path, scripts: bool
) -> None:
    assert 5 <= printed(browser, folder, "fifty-five", scripts=scripts) <= 16
    assert 2 <= printed(browser, folder, "timeline", scripts=scripts) <= 8


def test_heads_of_tables_are_repeated_on_paper(browser: Browser, folder: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    opened(browser, folder, "fifty-five")
    shown = browser.execute_script(
        "const style = (at) => getComputedStyle(document.querySelector(at));"
        "return [style('.listing thead').display, style('.listing thead button').display,"
        " style('.listing tbody tr').breakInside, style('.box').overflowX];"
    )
    # Chromium repeats no button.
    assert shown == ["table-header-group", "contents", "avoid", "visible"]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_the_table_is_readable_without_scripts(browser: Browser, folder: Path) -> None:
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    opened(browser, folder)
    assert len(names(browser)) == 5
    for selector in ("[data-controls]", "[data-theme-button]", "[data-unfold]"):
        assert not browser.find_element(By.CSS_SELECTOR, selector).is_displayed()
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_the_frame_of_a_notebook_shows_the_report_and_keeps_to_itself(
    browser: Browser, folder: Path
) -> None:
    fragment = small()._repr_html_()
    page = f"<!doctype html><meta charset=utf-8><h1>notebook</h1>{fragment}"
    (folder / "notebook.html").write_text(page, "utf-8")
    plain = "return getComputedStyle(document.querySelector('h1')).fontSize"
    opened(browser, folder, "notebook")
    assert browser.get_log("browser") == []
    assert browser.execute_script(plain) == "32px"
    browser.switch_to.frame(0)
    assert "have drifted" in browser.find_element(By.TAG_NAME, "body").text
    browser.switch_to.default_content()
