"""Masking is real: decoded again, nothing of what was covered, cut or muted is there."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mingzhi.recording import making, recipes, workshop
from mingzhi.recording.errors import CannotMake
from tests.recording import footage

BOX = dict(zip("xywh", footage.SECRET, strict=True)) | {"from": 0, "to": 3000, "mode": "fill"}


def green(pixel: tuple[int, ...]) -> bool:
    """Whether anything of the covered square's colour shines through."""
    return pixel[1] > pixel[0] + 20


def inside(picture: Image.Image) -> list[tuple[int, ...]]:
    x, y, w, h = footage.SECRET
    part = picture.convert("RGB").crop((x, y, x + w, y + h))
    return [part.getpixel((a, b)) for a in range(w) for b in range(h)]  # type: ignore[misc]


def made(tmp_path: Path, source: Path | bytes, task: str, **recipe: Any) -> Path:
    given_ = source if isinstance(source, Path) else tmp_path / "source"
    if isinstance(source, bytes):
        given_.write_bytes(source)
    target = tmp_path / "target"
    workshop.make(
        {
            "task": task,
            "source": str(given_),
            "target": str(target),
            "png": recipe.pop("png", False),
            **recipe,
        },
        seconds=60,
    )
    return target


@pytest.mark.parametrize("png", [True, False])
def test_a_masked_picture_holds_no_pixel_and_no_tag_of_the_original(tmp_path: Path, png: bool) -> None:
    target = made(tmp_path, footage.photo("PNG" if png else "JPEG"), "picture", boxes=[BOX], png=png)
    picture = Image.open(target)
    worst = max(max(p) for p in inside(picture))
    assert worst == 0 if png else worst < 12
    assert b"SECRET" not in target.read_bytes() and not dict(picture.getexif())
    assert picture.getpixel((5, 5))[0] > 180  # type: ignore[index]


def test_a_picture_is_masked_as_it_is_seen_not_as_it_is_stored(tmp_path: Path) -> None:
    turned = footage.photo(orientation=6)  # stored on its side: seen, it is 120 wide and 160 high
    found = workshop_shape(tmp_path, turned, "picture")
    assert (found["width"], found["height"]) == (120, 160)
    box = {"x": 40, "y": 40, "w": 40, "h": 40, "from": 0, "to": 1, "mode": "fill"}
    picture = Image.open(made(tmp_path, turned, "picture", boxes=[box]))
    assert picture.size == (120, 160)
    assert not any(green(picture.convert("RGB").getpixel((x, y))) for x in range(120) for y in range(160))  # type: ignore[arg-type]


def workshop_shape(tmp_path: Path, data: bytes, kind: str) -> dict[str, Any]:
    source = tmp_path / "shape"
    source.write_bytes(data)
    return workshop.make({"task": "shape", "kind": kind, "source": str(source), "target": "", "at": 0})


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(1, 60), st.integers(1, 60), st.sampled_from(["fill", "mosaic"])),
        min_size=1, max_size=4,
    )
)  # fmt: skip
@settings(max_examples=60)
def test_of_every_box_nothing_is_left_but_one_colour_or_a_few_averages(
    boxes: list[tuple[int, int, int, int, str]],
) -> None:
    source = Image.new("RGB", (64, 48))
    source.putdata([(x * 4, y * 5, (x * 7 + y * 13) % 256) for y in range(48) for x in range(64)])
    picture = making.cover(
        source.copy(), [dict(zip(("x", "y", "w", "h", "mode"), b, strict=True)) for b in boxes]
    )
    x, y, w, h, mode = boxes[-1]
    area = (x, y, min(64, x + w), min(48, y + h))
    left = {picture.crop(area).getpixel((a, b)) for a in range(area[2] - x) for b in range(area[3] - y)}
    assert (
        left == {(0, 0, 0)}
        if mode == "fill"
        else len(left) <= max(1, (area[2] - x) // 16) * max(1, (area[3] - y) // 16)
    )


def test_a_clip_is_cut_covered_and_muted_to_the_frame(tmp_path: Path) -> None:
    source = footage.clip(tmp_path / "source.mp4")
    box = BOX | {"from": 1000, "to": 2000}
    target = made(tmp_path, source, "media", clip=[500, 2500], boxes=[box], mutes=[[1500, 2000]])
    shown = footage.frames(target)
    assert len(shown) == 20 and shown[0][0] == 0
    for moment, picture in shown:
        covered = 0.5 <= moment < 1.5 - 0.001  # 1.0 … 2.0 of the source
        assert any(green(p) for p in inside(picture)) is not covered, moment
    rate, heard = footage.samples(target)
    loud = lambda a, b: max(abs(v) for v in heard[int(a * rate) : int(b * rate)])  # noqa: E731
    assert loud(1.1, 1.4) < 200 and loud(0.2, 0.8) > 6000 and loud(1.6, 1.9) > 6000
    assert abs(len(heard) / rate - 2) < 0.1
    assert b"SECRET" not in target.read_bytes()


def test_sound_that_was_not_muted_is_bit_for_bit_there_and_muted_is_nothing(tmp_path: Path) -> None:
    source = footage.clip(tmp_path / "source.wav", picture=False)
    target = made(tmp_path, source, "media", mutes=[[1000, 1500]])
    (rate, before), (_rate, after) = footage.samples(source), footage.samples(target)
    assert len(before) == len(after)
    assert set(after[rate : rate * 3 // 2]) == {0}
    assert after[:rate] == before[:rate] and after[rate * 3 // 2 :] == before[rate * 3 // 2 :]


def test_a_mosaic_in_a_video_is_a_few_averages(tmp_path: Path) -> None:
    source = footage.clip(tmp_path / "source.mp4", seconds=1, sound=False)
    wide = {"x": 20, "y": 20, "w": 80, "h": 80, "from": 0, "to": 1000, "mode": "mosaic"}
    _moment, picture = footage.frames(made(tmp_path, source, "media", boxes=[wide]))[3]
    edge = picture.crop((38, 38, 42, 42)).convert("L").getextrema()
    assert edge[1] - edge[0] < 60, "the square's sharp edge is gone"


def test_the_watermark_is_seen_all_over_and_read_at_the_foot(tmp_path: Path) -> None:
    plain = Image.new("RGB", (800, 600), "white")
    out = io.BytesIO()
    plain.save(out, "PNG")
    picture = Image.open(
        made(tmp_path, out.getvalue(), "picture", png=True, watermark="张某甲 2026-09-14 案卷评查")
    ).convert("L")
    tiles = [
        picture.crop((x, y, x + 200, y + 200)).getextrema()[0]
        for x in range(0, 800, 200)
        for y in range(0, 600, 200)
    ]
    assert all(darkest < 230 for darkest in tiles)


def test_a_marked_pdf_has_no_text_layer_left_to_lift_the_mark_from(tmp_path: Path) -> None:
    import pypdfium2

    out = io.BytesIO()
    first = Image.new("RGB", (300, 400), "white")
    first.save(out, "PDF", save_all=True, append_images=[first.copy()], title="SECRETTITLE")
    target = made(tmp_path, out.getvalue(), "pdf", watermark="张某甲 2026-09-14")
    document = pypdfium2.PdfDocument(str(target))
    assert len(document) == 2 and b"SECRET" not in target.read_bytes()
    page = document[0]
    assert page.get_textpage().get_text_bounded() == ""
    assert page.render(scale=1).to_pil().convert("L").getextrema()[0] < 230
    document.close()


@pytest.mark.parametrize(
    ("task", "data"),
    [
        ("picture", b""),
        ("picture", b"\xff\xd8\xff" + b"\0" * 500),
        ("media", b"\0\0\0\x18ftypisom" + b"\0" * 200),
        ("media", b"RIFF\xff\xff\xff\xffWAVE"),
        ("pdf", b"%PDF-1.7\n%%EOF"),
        ("shape", b"\x89PNG\r\n\x1a\n" + b"\0" * 100),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words(tmp_path: Path, task: str, data: bytes) -> None:
    with pytest.raises(CannotMake) as refused:
        made(tmp_path, data, task, kind="picture", at=0, watermark="x")
    assert "未能制作" in refused.value.sentence


def test_a_picture_bomb_is_refused_and_takes_nobody_along(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(CannotMake, match="过大|打开"):
        made(tmp_path, out.getvalue(), "picture", boxes=[BOX], png=True)


def test_more_frames_than_allowed_and_more_time_than_allowed_end_the_work(tmp_path: Path) -> None:
    source = footage.clip(tmp_path / "source.mp4", seconds=1, sound=False)
    with pytest.raises(CannotMake, match="5 帧"):
        made(tmp_path, source, "media", boxes=[BOX], frames=5)
    with pytest.raises(CannotMake, match="0 秒"):
        workshop.make(
            {"task": "media", "source": str(source), "target": str(tmp_path / "t"), "boxes": [BOX]}, seconds=0
        )


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("0", 0), ("83.45", 83_450), ("1:23.450", 83_450), ("00:01:23", 83_000), ("1:00:00", 3_600_000), ("1：05", 65_000),
        ("", None), ("a", None), ("1:60", None), ("-1", None), ("1:2:3:4", None), ("٣", None), ("1:61:00", None), ("999999", None),
    ],
)  # fmt: skip
def test_times_are_read_as_people_write_them(text: str, ms: int | None) -> None:
    assert recipes.clock_ms(text) == ms
    if ms is not None:
        assert recipes.clock_ms(recipes.clock_text(ms)) == ms
