# SPDX-License-Identifier: MIT
"""Labels of an SVG that gnuplot drew: what each covers, by the fonts' own widths."""
import math
import pathlib
import re
import struct
import xml.etree.ElementTree as ET

FONTS = ("LiberationSans-Regular.ttf", "DejaVuSans.ttf")
FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/opt/homebrew/share/fonts")
# Of the font's size: how far letters reach above and below the line they stand on.
ABOVE, BELOW = 0.74, 0.22
SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"
NUMBER = r"(-?[\d.]+)"


class Font:
    """Advance widths of a TrueType font: tables head, hhea, hmtx, cmap (format 4)."""

    def __init__(self, path):
        self.data = path.read_bytes()
        tables = {}
        for i in range(self.u16(4)):
            tag, _, at, _ = struct.unpack(">4sIII", self.data[12 + 16 * i:28 + 16 * i])
            tables[tag] = at
        self.unit = self.u16(tables[b"head"] + 18)
        self.n_wide = self.u16(tables[b"hhea"] + 34)
        self.hmtx = tables[b"hmtx"]
        cmap = tables[b"cmap"]
        subtables = [cmap + struct.unpack(">I", self.data[at + 4:at + 8])[0]
                     for at in range(cmap + 4, cmap + 4 + 8 * self.u16(cmap + 2), 8)]
        self.cmap = next(at for at in subtables if self.u16(at) == 4)

    def u16(self, at):
        return struct.unpack(">H", self.data[at:at + 2])[0]

    def glyph(self, code):
        half = self.u16(self.cmap + 6)
        ends = self.cmap + 14
        for i in range(0, half, 2):
            start = self.u16(ends + half + 2 + i)
            if not start <= code <= self.u16(ends + i):
                continue
            delta, where = (self.u16(ends + half * k + 2 + i) for k in (2, 3))
            if where == 0:
                return (code + delta) & 0xFFFF
            found = self.u16(ends + half * 3 + 2 + i + where + 2 * (code - start))
            return (found + delta) & 0xFFFF if found else 0
        return 0

    def width(self, text, size):
        glyphs = (self.glyph(ord(c)) for c in text)
        return sum(self.u16(self.hmtx + 4 * min(g, self.n_wide - 1)) for g in glyphs) \
            * size / self.unit


def fonts():
    """Those that are installed; a label must have room in each."""
    found = []
    for name in FONTS:
        for folder in FOLDERS:
            paths = sorted(pathlib.Path(folder).rglob(name))
            if paths:
                found.append(Font(paths[0]))
                break
    return found


def corners(x, y, left, right, size, angle):
    """Of a text whose line starts at (left, 0) of a frame at (x, y), turned."""
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    return [(x + c * u - s * v, y + s * u + c * v) for u, v in
            ((left, -ABOVE * size), (right, -ABOVE * size), (right, BELOW * size),
             (left, BELOW * size))]


def read(path, known):
    """(width, height, [(text, corners)], [(x, y, radius)] of its points)."""
    root = ET.parse(path).getroot()
    _, _, width, height = map(float, root.get("viewBox").split())
    labels, points = [], []
    for group in root.iter(SVG + "g"):
        texts = group.findall(SVG + "text")
        place = re.fullmatch(rf"translate\({NUMBER},{NUMBER}\)(?: rotate\({NUMBER}\))?",
                             group.get("transform") or "")
        text = "".join(texts[0].itertext()) if texts else ""
        if not text or not place:
            continue
        size = float(group.get("font-size"))
        x, y, angle = (float(n or 0) for n in place.groups())
        long = max(font.width(text, size) for font in known)
        left = {"start": 0, "middle": -long / 2, "end": -long}[group.get("text-anchor")]
        labels.append((text, corners(x, y, left, left + long, size, angle)))
    ground = root.find(f".//{SVG}rect").get("fill")
    rgb = tuple(int(ground[i:i + 2], 16) for i in (1, 3, 5))
    for use in root.iter(SVG + "use"):
        place = re.fullmatch(rf"translate\({NUMBER},{NUMBER}\) scale\({NUMBER}\)",
                             use.get("transform") or "")
        colour = tuple(map(int, re.findall(r"\d+", use.get("color") or "")))
        if place and "gpPt" in use.get(LINK) and colour != rgb:
            points.append(tuple(map(float, place.groups())))
    return width, height, labels, points


def apart(a, b):
    """Whether an edge of one separates two convex outlines."""
    for outline in (a, b):
        for i in range(4):
            (x0, y0), (x1, y1) = outline[i - 1], outline[i]
            nx, ny = y1 - y0, x0 - x1
            of_a = [nx * x + ny * y for x, y in a]
            of_b = [nx * x + ny * y for x, y in b]
            if max(of_a) <= min(of_b) or max(of_b) <= min(of_a):
                return True
    return False


def disc(x, y, radius):
    """A point as an outline: the square within its circle."""
    r = radius * 0.707
    return [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)]


def faults(path, known):
    """What is wrong with the labels of a picture, in words."""
    width, height, labels, points = read(path, known)
    found = []
    if len(labels) < 3:
        found.append(f"only {len(labels)} labels")
    for i, (text, box) in enumerate(labels):
        if any(not (0 <= x <= width and 0 <= y <= height) for x, y in box):
            found.append(f"'{text}' leaves the picture")
        for other, other_box in labels[:i]:
            if not apart(box, other_box):
                found.append(f"'{text}' meets '{other}'")
        for point in points:
            if not apart(box, disc(*point)):
                found.append(f"'{text}' covers the point at {point[0]:.0f}, {point[1]:.0f}")
    return found
