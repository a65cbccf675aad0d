"""Those of django-allauth's pages that an installation uses: no sign-up, no mail, no password reset by mail."""

from allauth.account import views as gate
from django.urls import include, path
from django.views.generic import RedirectView

from sekisho.web.accounts import account, people_access

to_account = RedirectView.as_view(pattern_name="account")

urlpatterns = [
    path("accounts/login/", gate.login, name="account_login"),
    path("accounts/logout/", gate.logout, name="account_logout"),
    path("accounts/reauthenticate/", gate.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/", gate.password_change, name="account_change_password"),
    path("accounts/2fa/", to_account, name="mfa_index"),  # allauth's overviews: the account page has it all
    path("accounts/2fa/webauthn/", to_account, name="mfa_list_webauthn"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("account/", account.account, name="account"),
    path("account/sessions/end/", account.account_sessions_end, name="account_sessions_end"),
    path("account/sessions/<int:session_id>/end/", account.account_session_end, name="account_session_end"),
    path("account/tokens/new/", account.account_token_new, name="account_token_new"),
    path("account/calendars/new/", account.account_calendar_new, name="account_calendar_new"),
    path("account/tokens/<str:token_id>/revoke/", account.account_token_revoke, name="account_token_revoke"),
    path("access/", people_access.people_access, name="people_access"),
    path("access/new/", people_access.people_access_new, name="people_access_new"),
    path("access/tokens/new/", people_access.people_access_token_new, name="people_access_token_new"),
    path(
        "access/tokens/<str:token_id>/revoke/",
        people_access.people_access_token_revoke,
        name="people_access_token_revoke",
    ),
    path("access/<int:account_id>/", people_access.people_access_one, name="people_access_one"),
    path("access/<int:account_id>/<str:name>/", people_access.people_access_act, name="people_access_act"),
]
