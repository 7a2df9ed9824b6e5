import struct

import cv2
import numpy as np
import pytest

from sincera.errors import MediaError
from sincera.media import Limits, probe, read_picture
from sincera.media.headers import picture_header

# What EXIF says: where the stored picture's first row and first column lie in the upright one.
UPRIGHT = {
    1: lambda image: image,
    2: np.fliplr,
    3: lambda image: np.rot90(image, 2),
    4: np.flipud,
    5: lambda image: image.transpose(1, 0, 2),
    6: lambda image: np.rot90(image, 3),
    7: lambda image: np.rot90(image, 2).transpose(1, 0, 2),
    8: lambda image: np.rot90(image, 1),
}


def encoded(suffix: str, image: np.ndarray) -> bytes:
    channels = image if image.ndim == 2 else image[..., [2, 1, 0, 3][: image.shape[2]]]
    written, data = cv2.imencode(suffix, channels)
    assert written
    return data.tobytes()


def exif(orientation: int, order: str = "<") -> bytes:
    head = b"II*\0" if order == "<" else b"MM\0*"
    entry = struct.pack(f"{order}HHIHH", 274, 3, 1, orientation, 0)
    return head + struct.pack(f"{order}IH", 8, 1) + entry + bytes(4)


def jpeg_with(orientation: int, image: np.ndarray, order: str) -> bytes:
    block = b"Exif\0\0" + exif(orientation, order)
    data = encoded(".jpg", image)
    return data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tiff", ".ppm"])
def test_colours_arrive_as_red_green_blue(picture, suffix):
    found = read_picture(encoded(suffix, picture))
    assert found.dtype == np.uint8
    assert np.array_equal(found, picture)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied_once(tmp_path, picture, orientation, order):
    (tmp_path / "p.jpg").write_bytes(jpeg_with(orientation, picture, order))
    found = read_picture(tmp_path / "p.jpg")
    expected = UPRIGHT[orientation](picture)
    assert found.shape == expected.shape
    assert np.abs(found.astype(int) - expected).mean() < 4
    info = probe(tmp_path / "p.jpg")
    assert (info.height, info.width) == found.shape[:2]
    assert info.rotation == {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}.get(orientation, 0)


def test_orientation_of_png_and_webp(picture):
    png = encoded(".png", picture)
    block = exif(6)
    chunk = struct.pack(">I", len(block)) + b"eXIf" + block + bytes(4)
    assert picture_header(png[:33] + chunk + png[33:]).orientation == 6
    body = b"VP8X" + struct.pack("<I", 10) + bytes(4) + b"\x3b\0\0\x27\0\0"
    body += b"EXIF" + struct.pack("<I", len(block)) + block
    header = picture_header(b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body)
    assert (header.width, header.height, header.orientation) == (60, 40, 6)


def test_a_broken_exif_block_does_not_refuse_the_picture(picture):
    data = encoded(".jpg", picture)
    block = b"Exif\0\0II*\0\xff\xff\xff\x00"
    broken = data[:2] + b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block + data[2:]
    assert read_picture(broken).shape == picture.shape


def test_grey_becomes_three_equal_channels(picture):
    found = read_picture(encoded(".png", picture[..., 0]))
    assert np.array_equal(found, np.repeat(picture[..., :1], 3, axis=2))


def test_sixteen_bits_become_eight(picture):
    deep = picture.astype(np.uint16) * 257
    assert np.array_equal(read_picture(encoded(".png", deep)), picture)


def test_transparent_parts_are_laid_on_white(picture):
    alpha = np.full((*picture.shape[:2], 1), 255, np.uint8)
    alpha[:10] = 0
    alpha[10:20] = 51  # a fifth
    found = read_picture(encoded(".png", np.concatenate([picture, alpha], axis=2)))
    assert (found[:10] == 255).all()
    assert np.abs(found[10:20] - (0.2 * picture[10:20] + 0.8 * 255)).max() <= 1
    assert np.array_equal(found[20:], picture[20:])


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
def test_sizes_are_read_from_the_header(picture, suffix):
    header = picture_header(encoded(suffix, picture))
    assert (header.width, header.height) == (60, 40)


def test_lossless_webp_header(picture):
    written, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, 101])
    assert written
    header = picture_header(data.tobytes())
    assert (header.format, header.width, header.height) == ("WebP", 60, 40)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".bmp"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.97])
def test_cut_pictures_are_refused(suffix, kept):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    data = encoded(suffix, noise)
    with pytest.raises(MediaError):
        read_picture(data[: max(3, int(kept * len(data)))])


def test_scrambled_png_is_refused(picture):
    data = bytearray(encoded(".png", picture))
    data[60:90] = bytes(30)
    with pytest.raises(MediaError, match="damaged"):
        read_picture(bytes(data))


def test_what_is_no_picture_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_text("hello")
    (tmp_path / "b.jpg").write_bytes(b"")
    with pytest.raises(MediaError, match="not a picture"):
        read_picture(tmp_path / "a.jpg")
    with pytest.raises(MediaError, match="empty"):
        read_picture(tmp_path / "b.jpg")
    with pytest.raises(MediaError, match="cannot be read"):
        read_picture(tmp_path / "c.jpg")
    with pytest.raises(MediaError, match="convert other formats"):
        read_picture(b"\0\0\0\x1cftypheic" + bytes(20))


def test_limits_are_checked_before_decoding(picture, monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(cv2, "imdecode", never)
    data = encoded(".png", picture)
    with pytest.raises(MediaError, match="60×40 = 2400 pixels; the limit is 2399"):
        read_picture(data, limits=Limits(pixels=2399))
    with pytest.raises(MediaError, match="bytes; the limit is 10"):
        read_picture(data, limits=Limits(picture_bytes=10))


def test_gigapixel_claims_in_a_small_file_are_refused(picture):
    data = bytearray(encoded(".png", picture))
    data[16:24] = struct.pack(">II", 60000, 60000)
    with pytest.raises(MediaError, match="3600000000 pixels"):
        read_picture(bytes(data))


def test_a_header_behind_much_else_is_found(tmp_path, picture):
    data = encoded(".jpg", picture)
    notes = b"".join(b"\xff\xe5\xff\xff" + bytes(0xFFFD) for _ in range(8))  # half a megabyte of a camera's own
    (tmp_path / "p.jpg").write_bytes(data[:2] + notes + data[2:])
    info = probe(tmp_path / "p.jpg")
    assert (info.width, info.height) == (60, 40)


def test_words_where_a_header_has_numbers():
    with pytest.raises(MediaError, match="breaks off"):
        read_picture(b"P6 wide high 255\n" + bytes(64))
