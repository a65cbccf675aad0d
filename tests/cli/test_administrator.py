"""`sekisho administrator`: how an installation begins. The password comes by standard input, never as an argument."""

from tests.cli.running import complaint, sekisho

PASSWORD = "柳の下に猫が二匹 twice\n"


def test_the_first_administrator_and_no_second_by_accident(tmp_path):
    done = sekisho(tmp_path, "administrator", "kitagawa", given=PASSWORD)
    assert done.returncode == 0, done.stderr
    assert "--another" in complaint(sekisho(tmp_path, "administrator", "other", given=PASSWORD))
    assert sekisho(tmp_path, "administrator", "other", "--another", given=PASSWORD).returncode == 0


def test_a_password_that_is_too_easy(tmp_path):
    complaint(sekisho(tmp_path, "administrator", "kitagawa", given="12345678\n"))
    complaint(sekisho(tmp_path, "administrator", "kitagawa", given=""))
    complaint(sekisho(tmp_path, "administrator", "No Login!", given=PASSWORD))
    complaint(sekisho(tmp_path, "administrator", "kitagawa", "--person", "P-9", given=PASSWORD))
