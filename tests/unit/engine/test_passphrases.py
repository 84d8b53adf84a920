"""The passphrase of a stack: told, missing or wrong, and a change of it that was interrupted."""

from __future__ import annotations

from pathlib import Path

import pytest

from sslab.engine import passphrases, secrets_file
from sslab.engine.passphrase_change import PassphraseChange
from sslab.engine.stack import Stack
from sslab.errors import SslabError
from sslab.site.loading import load_site

ROOT = Path(__file__).parents[3]
SITE = load_site(ROOT / "sites/local.yaml")
OLD, NEW = "v1:old=:v1:x", "v1:new=:v1:y"
PULUMI = """#!/bin/sh
case "$1 $2" in
"stack export") echo '{"deployment": {"secrets_providers": {"state": {"salt": "'$(cat "$STATE")'"}}}}' ;;
"stack rename") echo "error: a stack named local already exists" >&2; exit 255 ;;
"stack ls") echo '[{"name": "local"}]' ;;
"stack change-secrets-provider")
  cat > "$STATE.stdin"
  echo "$@" > "$STATE.words"
  if [ -e "$STATE.locked" ]; then
    sed -i s/old=/new=/ stacks/Pulumi.local.yaml
    echo "error: the stack is currently locked by 1 lock(s)" >&2
    exit 255
  fi
  sed -i s/old=/new=/ stacks/Pulumi.local.yaml
  sed -i s/old=/new=/ "$STATE" ;;
"config --show-secrets") echo '{"ssl:k": {"value": "v"}}' ;;
esac
"""  # noqa: E501


class Change:
    """What is there when a change of the passphrase begins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "passphrases/local"
        self.state = folder / "state"
        self.configuration = secrets_file.path(folder, "local")
        program = folder / "bin/pulumi"
        for each in (program, self.file, self.configuration):
            each.parent.mkdir()
        program.write_text(PULUMI)
        program.chmod(0o755)
        self.write(self.file, "old phrase\n")
        self.configuration.write_text(f"encryptionsalt: {OLD}\nconfig:\n  ssl:k: {{secure: a}}\n")
        self.state.write_text(OLD)
        self.environment = {
            "PATH": f"{program.parent}:/usr/bin:/bin",
            "STATE": str(self.state),
            passphrases.FILE: str(self.file),
        }

    @staticmethod
    def write(file: Path, text: str) -> None:
        file.touch(mode=0o600)
        file.write_text(text)

    def change(self) -> PassphraseChange:
        return PassphraseChange(self.folder, SITE, self.environment)

    def left_behind(self, *, new: bool = True) -> None:
        """Leave what a run that was killed has left."""
        passphrases.stack_before(self.file).write_text(self.configuration.read_text())
        if new:
            self.write(passphrases.new_one(self.file), "new phrase\n")

    @property
    def files(self) -> set[str]:
        return {each.name for each in self.file.parent.iterdir()}


@pytest.fixture
def there(tmp_path: Path) -> Change:
    return Change(tmp_path)


def test_the_new_passphrase_takes_the_old_ones_place(there: Change) -> None:
    assert there.change().make() == "everything is encrypted with a new passphrase"
    phrase = there.file.read_text()
    assert len(phrase.strip()) >= 40
    assert there.file.stat().st_mode & 0o777 == 0o600
    assert there.state.with_suffix(".stdin").read_text() == phrase
    assert phrase.strip() not in there.state.with_suffix(".words").read_text()
    assert there.files == {"local"}


def test_where_the_state_is_locked_everything_is_as_before(there: Change) -> None:
    before = there.configuration.read_text()
    there.state.with_suffix(".locked").touch()
    with pytest.raises(SslabError, match="currently locked"):
        there.change().make()
    assert there.configuration.read_text() == before
    assert there.file.read_text() == "old phrase\n"
    assert there.files == {"local"}


def test_killed_while_the_file_was_copied(there: Change) -> None:
    passphrases.stack_before(there.file).with_suffix(".part").write_text("encryptio")
    assert there.change().make() == "everything is encrypted with a new passphrase"
    assert there.files == {"local"}


def test_killed_before_anything_was_encrypted(there: Change) -> None:
    there.left_behind()
    later = there.configuration.read_text().replace("secure: a", "secure: set-in-the-meantime")
    there.configuration.write_text(later)
    assert there.change().finish() is False
    assert there.configuration.read_text() == later
    assert (there.file.read_text(), there.files) == ("old phrase\n", {"local"})


def test_killed_while_the_file_was_written(there: Change) -> None:
    before = there.configuration.read_text()
    there.left_behind()
    there.configuration.write_text(before.replace("old=", "new="))
    assert there.change().finish() is False
    assert there.configuration.read_text() == before
    assert (there.file.read_text(), there.files) == ("old phrase\n", {"local"})


@pytest.mark.parametrize("new", [True, False])
def test_killed_when_everything_was_encrypted(there: Change, new: bool) -> None:
    there.left_behind(new=new)
    if not new:  # it has taken the old one's place already
        there.write(there.file, "new phrase\n")
    for each in (there.configuration, there.state):
        each.write_text(each.read_text().replace("old=", "new="))
    after = there.configuration.read_text()
    assert there.change().make() == "the change that was interrupted is finished"
    assert there.configuration.read_text() == after
    assert (there.file.read_text(), there.files) == ("new phrase\n", {"local"})


def test_a_passphrase_in_the_environment_cannot_be_changed(there: Change) -> None:
    there.environment[passphrases.TEXT] = "old phrase"
    with pytest.raises(SslabError, match=f"is in {passphrases.TEXT}, where no new one can be kept"):
        there.change()


def told(there: Change) -> str:
    return passphrases.told("local", there.configuration, there.environment)


def test_the_passphrase_is_told_for_a_key_service_there_is_none(there: Change) -> None:
    assert told(there) == "old phrase"
    there.environment[passphrases.TEXT] = "of the shell"
    assert told(there) == "of the shell"
    there.configuration.write_text("secretsprovider: gcpkms://projects/p\nencryptedkey: abc\n")
    with pytest.raises(SslabError, match="is encrypted by gcpkms://projects/p, without a passphr"):
        told(there)
    there.configuration.unlink()
    with pytest.raises(SslabError, match="has no encrypted stack yet; `sslab secrets init local`"):
        told(there)


def test_a_file_that_others_can_read_is_refused(there: Change) -> None:
    there.file.chmod(0o640)
    with pytest.raises(SslabError, match=r"can be read by others \(mode 640\).*`chmod 600"):
        told(there)


def test_a_file_that_is_not_there_is_told_with_its_place(there: Change) -> None:
    there.file.unlink()
    with pytest.raises(SslabError, match="its passphrase is not on this machine; put it into"):
        told(there)


WRONG = "error: getting secrets manager: incorrect passphrase"
NO_FILE = f"error: unable to read {passphrases.FILE}: open x: no such file or directory"


def test_what_pulumi_says_of_a_passphrase_is_one_message(there: Change) -> None:
    def refusal(said: str) -> str:
        return str(passphrases.refusal(said, there.configuration, there.environment))

    assert f"encrypted with another passphrase than that in {there.file}" in refusal(WRONG)
    assert "is not on this machine" in refusal(NO_FILE)
    assert refusal("error: no such stack") == "None"
    there.left_behind()
    assert "`sslab secrets rotate local --passphrase` goes on with it" in refusal(WRONG)
    there.environment[passphrases.TEXT] = "x"
    assert f"than that in {passphrases.TEXT}" in refusal(WRONG)


def test_a_wrong_passphrase_is_told_before_anything_is_deployed(there: Change) -> None:
    program = there.folder / "bin/pulumi"
    program.write_text(
        PULUMI.replace("""echo '{"ssl:k": {"value": "v"}}'""", f"echo '{WRONG}' >&2; exit 255")
    )
    keys = [
        f"  ssl:s3-{of}-{half}-key: {{secure: a}}\n"
        for of in ("admin", "fitting-service", "z-peak")
        for half in ("access", "secret")
    ]
    there.configuration.write_text(f"encryptionsalt: {OLD}\nconfig:\n{''.join(keys)}")
    with pytest.raises(SslabError, match="encrypted with another passphrase"):
        Stack(there.folder, SITE, there.environment).ensure()
