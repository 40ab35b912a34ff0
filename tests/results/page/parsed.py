"""The page of `clusterpact report`, parsed, and what its data: addresses hold."""

import base64
import csv
import io
import re
from html.parser import HTMLParser

SECTIONS = ["answer", "sure", "why", "who", "when", "plants", "rests"]
VOID = {"meta", "link", "img", "br", "hr", "input", "col", "wbr", "source"}
TITLE = """A <b>bold</b> & "quoted" cluster's <script>alert("x")</script> choice"""
DESCRIPTION = """<i>Half</i> a guarantee & "more" </ul><img src=x onerror=alert(1)>"""


class Parsed(HTMLParser):
    """Elements in order as (tag, attributes), texts, style sheets, and tables as rows of (tag, attributes, text)."""

    def __init__(self, source):
        super().__init__()
        self.source, self.elements, self.styles, self.texts = source, [], [], []
        self.tables, self.headings, self.open, self.unmatched = [], [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append((tag, dict(attrs), ""))
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.unmatched.append(tag)

    def handle_data(self, data):
        if "style" in self.open:
            self.styles.append(data)
            return
        self.texts.append(data)
        if self.open and self.open[-1] == "table" and not data.strip():
            return
        if "td" in self.open or "th" in self.open:
            tag, attributes, text = self.tables[-1][-1][-1]
            self.tables[-1][-1][-1] = tag, attributes, text + data
        elif self.open and re.fullmatch("h[1-6]", self.open[-1]):
            level, text = self.headings[-1]
            self.headings[-1] = level, text + data

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    def values(self, *names):
        """All values of attributes."""
        return [found[name] or "" for _, found in self.elements for name in names if name in found]

    def all(self, tag):
        return [found for name, found in self.elements if name == tag]


def decoded(address):
    """Kind and bytes of a data: address."""
    head, _, body = address.partition(",")
    assert head.startswith("data:")
    return head, base64.b64decode(body, validate=True)


def rows_of(address):
    """Rows of the CSV that a data: address holds."""
    head, data = decoded(address)
    assert head.startswith("data:text/csv")
    return list(csv.reader(io.StringIO(data.decode("utf-8"))))
