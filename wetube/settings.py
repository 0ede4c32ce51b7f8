"""Every knob of the site, read from the environment; docs/settings.md says what each does."""

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from wetube.environment import envbool, envint, envlist, envnote, envsecret
from wetube.schedule import BY_THE_CLOCK

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("WETUBE_DATA") or BASE_DIR / "var" / "data")
DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)

# --- Addresses ---------------------------------------------------------------

SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000").rstrip("/")
GATEWAY_URL = os.environ.get("GATEWAY_URL", "http://localhost:8001").rstrip("/")
ALLOWED_HOSTS = envlist(
    "ALLOWED_HOSTS", [urlsplit(SITE_URL).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if envbool("BEHIND_PROXY", default=False) else None
)

# --- Secrets -----------------------------------------------------------------

SECRET_KEY = envsecret("SECRET_KEY", keep_in=DATA_DIR / "secret_key")
SECRET_KEY_FALLBACKS = envlist("SECRET_KEY_FALLBACKS", [])
DEBUG = envbool("DEBUG", default=False)

# --- The site's own knobs ----------------------------------------------------

SITE_NAME = os.environ.get("SITE_NAME", "WeTube")
BLOCKS_DIR = Path(os.environ.get("BLOCKS_DIR") or DATA_DIR / "blocks")
UPLOADS_DIR = Path(os.environ.get("UPLOADS_DIR") or DATA_DIR / "uploads")
WORK_DIR = Path(os.environ.get("WORK_DIR") or DATA_DIR / "work")
STORE_FSYNC = envbool("STORE_FSYNC", default=True)
NODE_ENGINE = os.environ.get("NODE_ENGINE") or "embedded"
KUBO_RPC = os.environ.get("KUBO_RPC") or "http://127.0.0.1:5001"
KUBO_TOKEN = os.environ.get("KUBO_TOKEN", "")
KUBO_FETCH_SECONDS = envint("KUBO_FETCH_SECONDS", 0)
CLUSTER_API = os.environ.get("CLUSTER_API", "")
CLUSTER_TOKEN = os.environ.get("CLUSTER_TOKEN", "")
CLUSTER_LEAST_COPIES = envint("CLUSTER_LEAST_COPIES", 2)
CLUSTER_MOST_COPIES = envint("CLUSTER_MOST_COPIES", 3)
MAX_UPLOAD_BYTES = envint("MAX_UPLOAD_BYTES", 50 * 1024**3)
MAX_FORM_UPLOAD_BYTES = envint("MAX_FORM_UPLOAD_BYTES", 2 * 1024**3)
USER_QUOTA_BYTES = envint("USER_QUOTA_BYTES", 200 * 1024**3)
DAILY_UPLOADS = envint("DAILY_UPLOADS", 100)
PIN_QUOTA_BYTES = envint("PIN_QUOTA_BYTES", 10 * 1024**3)
DELEGATED_ROUTERS = envlist("DELEGATED_ROUTERS", [])
DEMO_GRANT_DROPS = envint("DEMO_GRANT_DROPS", 10 * 10**8)
CLOUDCOIN_RPC = envnote("CLOUDCOIN_RPC", DATA_DIR / "chain" / "url")
CLOUDCHAIN_ID = envint("CLOUDCHAIN_ID", 0)
CLOUDCOIN_CONFIRMATIONS = envint("CLOUDCOIN_CONFIRMATIONS", 0)
KEYS_DIR = Path(os.environ.get("KEYS_DIR") or DATA_DIR / "keys")
MAX_GAS_PRICE_GWEI = envint("MAX_GAS_PRICE_GWEI", 500)
UNCONFIRMED_EXPOSURE = envint("UNCONFIRMED_EXPOSURE", 10**8)
WITHDRAWAL_MINIMUM_DROPS = envint("WITHDRAWAL_MINIMUM_DROPS", 10**6)
PAYOUT_SECONDS = envint("PAYOUT_SECONDS", 3600)
CLAIM_DROPS = envint("CLAIM_DROPS", 10**8)
DROPS_PER_GAS_COIN = envint("DROPS_PER_GAS_COIN", 0)
EMISSION_FACTOR = envint("EMISSION_FACTOR", 1)
IDLE_DAYS = envint("IDLE_DAYS", 30)
PAID_HOURS = envint("PAID_HOURS", 24)
READ_GRANT_SECONDS = envint("READ_GRANT_SECONDS", 600)
PROOF_OF_WORK = envbool("PROOF_OF_WORK", default=True)
SIGN_UP_OPEN = envbool("SIGN_UP_OPEN", default=True)
PIECE_SECONDS = envint("PIECE_SECONDS", 240)
MEDIA_WORKERS = envint("MEDIA_WORKERS", 2)
ALLOW_WEAK_SANDBOX = envbool("ALLOW_WEAK_SANDBOX", default=False)
COMPUTE_PRICE_LIMIT = envint("COMPUTE_PRICE_LIMIT", 2000)
JOB_LEASE_SECONDS = envint("JOB_LEASE_SECONDS", 30)
JOB_SLOWNESS = envint("JOB_SLOWNESS", 4)
JOB_BYTES_PER_SECOND = envint("JOB_BYTES_PER_SECOND", 2 * 1024**2)
MOST_JOB_SOURCE_BYTES = envint("MOST_JOB_SOURCE_BYTES", 8 * 1024**3)
NODE_RANGES = envlist("NODE_RANGES", [])
NETWORK_PEERS = envlist("NETWORK_PEERS", [])
NODE_HEARTBEAT_SECONDS = envint("NODE_HEARTBEAT_SECONDS", 60)
NODE_SUSPECT_SECONDS = envint("NODE_SUSPECT_SECONDS", 3600)
NODE_LOST_SECONDS = envint("NODE_LOST_SECONDS", 24 * 3600)
PUBLIC_COPIES = envint("PUBLIC_COPIES", 3)
LEASE_DAYS = envint("LEASE_DAYS", 31)
STORAGE_PRICE_LIMIT = envint("STORAGE_PRICE_LIMIT", 10**7)
AUDIT_SECONDS = envint("AUDIT_SECONDS", 6 * 3600)
ORDER_SECONDS = envint("ORDER_SECONDS", 900)
VIEW_SPLIT_SECONDS = envint("VIEW_SPLIT_SECONDS", 3 * 3600)
AUDIT_DEADLINE_SECONDS = envint("AUDIT_DEADLINE_SECONDS", 10)

# --- Django ------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "ninja",
    "template_partials",
    "wetube.core",
    "wetube.people",
    "wetube.content",
    "wetube.cloudchain",
    "wetube.chain",
    "wetube.cloudcoin",
    "wetube.settlement",
    "wetube.nodes",
    "wetube.tokens",
    "wetube.wire",
    "wetube.giving",
    "wetube.wallet",
    "wetube.pinning",
    "wetube.video",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "wetube.core.addresses.without_zeros",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wetube.people.middleware.LoginRecord",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "wetube.urls"
ASGI_APPLICATION = "wetube.asgi.site"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.User"
LOGIN_URL = "people:log_in"
LOGIN_REDIRECT_URL = "video:home"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SITE_URL.startswith("https://")
SECURE_REFERRER_POLICY = "same-origin"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
FILE_UPLOAD_PERMISSIONS = 0o600

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "csp.context_processors.nonce",
                "wetube.core.context.site",
                "wetube.cloudcoin.context.balance",
            ],
        },
    }
]

# --- Database ----------------------------------------------------------------

DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'wetube.sqlite3'}",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728;"
        ),
    }

# --- Broker, rooms and cache: one Valkey or Redis, an embedded one by default ---

REDIS_URL = os.environ.get("REDIS_URL") or f"unix://{DATA_DIR / 'valkey.sock'}"
BROKER_URL = os.environ.get("BROKER_URL") or REDIS_URL
CELERY_BROKER_URL = BROKER_URL.replace("unix://", "redis+socket://")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A broker that does not answer costs seconds, never more: nobody waits longer than this for it.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 3,
    "max_retries": 1,
}
# Without media workers the general ones judge what nodes encoded, and do what no node does.
CELERY_TASK_ROUTES = (
    {"wetube.video.tasks.encode_next_piece": {"queue": "media"}} if MEDIA_WORKERS else {}
)
CELERY_BEAT_SCHEDULE = BY_THE_CLOCK
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        # Longer than the five seconds for which the layer asks Redis to hold a call open.
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_connect_timeout": 2, "socket_timeout": 8}],
            "prefix": "wetube",
        },
    }
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 2, "socket_timeout": 2},
    }
}

# --- Passwords: Argon2id first, as the sealed keys use it too -------------------

PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# --- Mail: none is sent without a server for it ---------------------------------

EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_PORT = envint("EMAIL_PORT", 587)
EMAIL_HOST_USER = os.environ.get("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = envbool("EMAIL_STARTTLS", default=True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or f"nobody@{urlsplit(SITE_URL).hostname}"

# --- Words, time, static files --------------------------------------------------

TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("es", _("Spanish"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files"},
    },
    "staticfiles": {"BACKEND": "wetube.core.static_files.HashedFiles"},
}
WHITENOISE_MANIFEST_STRICT = True

# --- What a browser may load: ourselves and the gateway, nothing else -----------

_socket_origin = SITE_URL.replace("http", "ws", 1)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE, "'wasm-unsafe-eval'"],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:", "blob:", GATEWAY_URL],
        "media-src": [SELF, "blob:", GATEWAY_URL],
        "connect-src": [SELF, _socket_origin, GATEWAY_URL],
        "worker-src": [SELF, "blob:"],
        "font-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF, GATEWAY_URL],
        "base-uri": [NONE],
        "frame-ancestors": [SELF],
    }
}

# --- Logs: facts for operators, no personal data, no addresses of people --------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "daphne": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # it would say every address and CID that is asked for
        "django.channels.server": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}
