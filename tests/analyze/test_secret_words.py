"""Which names speak of a secret, and which texts are one."""

import time

import pytest

from scanner.analyze._secrets.words import holds_token, is_literal, names_secret
from tests.analyze.secret_facts import AWS, GITHUB, JWT, PEM, SLACK


@pytest.mark.parametrize(
    "key",
    [
        "password",
        "DB_PASSWORD",
        "dbPassword",
        "mysql-root-password",
        "rootpasswd",
        "administrator_login_password",
        "master_password",
        "passwords",
        "MYSQL_PWD",
        "token",
        "API_TOKEN",
        "authToken",
        "github_token",
        "apiKey",
        "API_KEY",
        "x-api-key",
        "client_secret",
        "clientSecret",
        "AWS_SECRET_ACCESS_KEY",
        "secret_key",
        "secretkey",
        "private_key",
        "PRIVATE_KEY",
        "storage_account_access_key",
        "shared_key",
        "credentials",
        "passphrase",
        "password1",
        "secret_string",
        "signing_key",
    ],
)
def test_keys_that_name_a_secret(key: str) -> None:
    assert names_secret(key)


@pytest.mark.parametrize(
    "key",
    [
        "password_policy",
        "secretName",
        "secret_arn",
        "secret_id",
        "secret_name",
        "password_path",
        "PASSWORD_FILE",
        "password_length",
        "kms_key_id",
        "token_ttl",
        "tokenReview",
        "eos_token",
        "next_token",
        "creation_token",
        "access_key",
        "public_key",
        "ssh_key",
        "key",
        "secret_ref",
        "secretRef",
        "tokens",
        "max_tokens",
        "rotate_secret_enabled",
        "secret_version",
        "tokenizer",
        "passwordSecretRef",
        "compass",
        "bypass_rules",
        "monkey",
        "sort_key",
        "",
    ],
)
def test_keys_that_do_not(key: str) -> None:
    assert not names_secret(key)


@pytest.mark.parametrize(
    "value", ["hunter2", "changeme", "admin", "p@ss w0rd", "S3cr3t!", "12345678", "wJalrXUtnFEMI/K7"]
)
def test_literals(value: str) -> None:
    assert is_literal(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "x",
        "true",
        "None",
        "${DB_PASSWORD}",
        "prefix-${x}",
        "{{ .Values.password }}",
        "$(PASSWORD)",
        "$PASSWORD",
        "vault:secret/data/db#password",
        ">>vault:secret/data/db#password",
        "ref+vault://kv/db#/password",
        "arn:aws:secretsmanager:eu-west-1:1:secret:db",
        "/run/secrets/db",
        "./token.txt",
        "https://vault.example.com",
        "projects/p/secrets/s/versions/1",
        "<your-password>",
        "********",
        "xxxxxxxx",
        "var.password",
        "op://vault/db/pw",
        "@Microsoft.KeyVault(SecretUri=https://x)",
        "ENC[AES256_GCM,data:x]",
        "your-password",
        "tls.key",
        "...",
        "data.vault_kv_secret_v2.db.data",
        "<path:secret/data/db#password>",
        "%(password)s",
        "REPLACE_ME",
        "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDH5xa8 ops@fraud",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0",
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTY=",
        "sk-ssh-ed25519@openssh.com AAAAGnNrLXNzaC1lZDI1NTE5",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIDjzCCAnegAwIBAgIUd2\n-----END CERTIFICATE-----\n",
    ],
)
def test_what_stands_in_for_a_secret_is_none(value: str) -> None:
    assert not is_literal(value)


def test_a_value_that_begins_with_blanks_without_end_is_judged_in_a_moment() -> None:
    began = time.process_time()
    assert is_literal(" " * 100_000 + "hunter2 hunter3")
    assert time.process_time() - began < 3


@pytest.mark.parametrize(
    "text",
    [
        GITHUB,
        f"token is {AWS} ok",
        JWT,
        PEM,
        SLACK,
        "postgres://app:hunter2@db:5432/x",
        '{"private_key": "' + PEM + '"}',
    ],
)
def test_tokens_are_known_by_their_shape(text: str) -> None:
    assert holds_token(text)


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        "postgres://db:5432/x",
        "postgres://app:${PASSWORD}@db/x",
        "https://user@host/x",
        "git@github.com:org/repo",
        "-----BEGIN CERTIFICATE-----\nMIIDjzCC",
        "-----BEGIN PRIVATE KEY-----\n<yours>",
        "redis://:$(REDIS_PASSWORD)@redis:6379",
        "eyJ",
        "ghp_short",
        "http://a:80/b@c",
    ],
)
def test_what_only_resembles_a_token(text: str) -> None:
    assert not holds_token(text)
