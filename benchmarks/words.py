# ruff: noqa: E501 - a text per line
"""What the pages of a synthetic site say, in seven languages: the same facts in other words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALES: Final = ("en", "cn", "ja", "ko", "de", "fr", "es")
"""In order of precedence."""

_EN: Final = {
    "about": "The {name} model turns a prompt into {what}. Asynchronous: use the id of the task to query its status.",
    "links": "Generated links are valid for 24 hours, please save them promptly.",
    "model": "Name of the model",
    "prompt": "What the result shall show, in as much detail as you like. Maximum length: `{most}` characters.",
    "range": "Length of the result in seconds.\n\n**Details:**\n- Any integer between `{low}` and `{high}`\n"
    "- The length decides what the task costs",
    "options": "{what}, `{first}` unless you say otherwise.\n\n**Supported values:**\n{rows}",
    "urls": "Links of reference files.\n\n**Notes:**\n- At most `{most}` files\n- Formats: `.jpg`, `.png`, `.webp`",
    "flag": "Whether {what} is on; some models charge for it. Defaults to `{first}`",
    "params": "Parameters that only this model has",
    "callback": "HTTPS address that is told when the task is done.\n\n**Limits:**\n- HTTPS only\n"
    "- Private addresses are refused (127.0.0.1, 10.x.x.x, 192.168.x.x)\n- At most `2048` characters\n\n"
    "**Mechanism:**\n- Timeout: `10` seconds\n- Up to `3` retries (after `1`/`2`/`4` seconds)",
    "field": "The {what} of the task",
    "200": "The task was accepted", "400": "Invalid request parameters", "401": "Token invalid or expired",
    "402": "Insufficient quota, top-up required", "403": "Access denied", "429": "Too many requests",
    "500": "Internal server error",
    "key": "All endpoints need a bearer token.\n\n**Get a key:**\n\nVisit the [key page](https://example.com/keys).",
    "guide": "This page explains how tasks are submitted, queried and paid. Read it before you write a client.",
}  # fmt: skip

_CN: Final = {
    "about": "{name} 模型根据提示词生成 {what}。异步处理，使用返回的任务 ID 查询状态。",
    "links": "生成的链接有效期为 24 小时，请尽快保存。",
    "model": "模型名称",
    "prompt": "描述期望结果的提示词，可以尽量详细。最大长度：`{most}` 字符。",
    "range": "结果时长（秒）。\n\n**说明：**\n- 支持 `{low}` 到 `{high}` 之间的任意整数\n- 时长直接影响计费",
    "options": "{what}，默认为 `{first}`。\n\n**支持的值：**\n{rows}",
    "urls": "参考文件链接。\n\n**说明：**\n- 最多 `{most}` 个\n- 格式：`.jpg`、`.png`、`.webp`",
    "flag": "是否开启 {what}，部分模型会收费，默认 `{first}`",
    "params": "该模型专用的扩展参数",
    "callback": "任务完成后的 HTTPS 回调地址。\n\n**限制：**\n- 仅支持 HTTPS\n"
    "- 禁止回调到内网地址（127.0.0.1、10.x.x.x、192.168.x.x）\n- 不超过 `2048` 字符\n\n"
    "**机制：**\n- 超时：`10` 秒\n- 最多重试 `3` 次（`1`/`2`/`4` 秒后）",
    "field": "任务的 {what}",
    "200": "任务创建成功", "400": "请求参数错误", "401": "令牌无效或过期", "402": "配额不足，需要充值",
    "403": "无权限访问", "429": "请求频率超限", "500": "服务器内部错误",
    "key": "所有接口均需 Bearer Token 认证。\n\n**获取密钥：**\n\n访问[密钥页面](https://example.com/keys)。",
    "guide": "本页说明如何提交、查询任务以及如何计费。编写客户端之前请先阅读。",
}  # fmt: skip

_JA: Final = {
    "about": "{name} モデルはプロンプトから {what} を生成します。非同期処理のため、タスク ID で状態を照会してください。",
    "links": "生成されたリンクは24時間有効です。速やかに保存してください。",
    "model": "モデル名",
    "prompt": "結果を説明するプロンプト。できるだけ詳しく書けます。最大 `{most}` 文字。",
    "range": "結果の長さ（秒）。\n\n**詳細：**\n- `{low}` から `{high}` までの任意の整数\n- 長さは課金に直接影響します",
    "options": "{what}、デフォルトは `{first}`。\n\n**サポートされる値：**\n{rows}",
    "urls": "参照ファイルのリンク。\n\n**注意：**\n- 最大 `{most}` 個\n- 形式：`.jpg`、`.png`、`.webp`",
    "flag": "{what} を有効にするかどうか。課金されるモデルもあります。デフォルトは `{first}`",
    "params": "このモデル専用のパラメータ",
    "callback": "タスク完了時の HTTPS コールバック先。\n\n**制限：**\n- HTTPS のみ\n"
    "- プライベートアドレスは拒否されます（127.0.0.1、10.x.x.x、192.168.x.x）\n- `2048` 文字以内\n\n"
    "**仕組み：**\n- タイムアウト：`10` 秒\n- 再試行は最大 `3` 回（`1`/`2`/`4` 秒後）",
    "field": "タスクの {what}",
    "200": "タスクが受け付けられました", "400": "リクエストパラメータが不正です", "401": "トークンが無効または期限切れです",
    "402": "クォータ不足のため、チャージが必要です", "403": "アクセスが拒否されました",
    "429": "レート制限を超えました", "500": "サーバー内部エラー",
    "key": "すべての API に Bearer トークンが必要です。\n\n**キーの取得：**\n\n[キーページ](https://example.com/keys)を参照。",
    "guide": "タスクの送信、照会、支払いについて説明します。クライアントを書く前に読んでください。",
}  # fmt: skip

_KO: Final = {
    "about": "{name} 모델은 프롬프트로 {what} 를 만듭니다. 비동기 처리이므로 작업 ID로 상태를 조회하세요.",
    "links": "생성된 링크는 24시간 동안 유효합니다. 빨리 저장하세요.",
    "model": "모델 이름",
    "prompt": "원하는 결과를 설명하는 프롬프트. 자세히 쓸 수 있습니다. 최대 `{most}` 자.",
    "range": "결과의 길이(초).\n\n**설명:**\n- `{low}` 에서 `{high}` 사이의 정수\n- 길이는 요금에 영향을 줍니다",
    "options": "{what}, 기본값은 `{first}`.\n\n**지원 값:**\n{rows}",
    "urls": "참조 파일 링크.\n\n**주의:**\n- 최대 `{most}` 개\n- 형식: `.jpg`, `.png`, `.webp`",
    "flag": "{what} 사용 여부. 요금이 드는 모델도 있습니다. 기본값은 `{first}`",
    "params": "이 모델 전용 매개변수",
    "callback": "작업이 끝나면 호출되는 HTTPS 주소.\n\n**제한:**\n- HTTPS만 지원\n"
    "- 사설 주소는 거부됩니다(127.0.0.1, 10.x.x.x, 192.168.x.x)\n- `2048` 자 이내\n\n"
    "**동작:**\n- 제한 시간: `10` 초\n- 최대 `3` 회 재시도(`1`/`2`/`4` 초 후)",
    "field": "작업의 {what}",
    "200": "작업이 접수되었습니다", "400": "잘못된 요청 매개변수", "401": "토큰이 잘못되었거나 만료됨",
    "402": "할당량 부족, 충전 필요", "403": "접근 거부", "429": "요청이 너무 많습니다", "500": "서버 내부 오류",
    "key": "모든 API에 Bearer 토큰이 필요합니다.\n\n**키 발급:**\n\n[키 페이지](https://example.com/keys)를 방문하세요.",
    "guide": "작업을 제출하고 조회하고 결제하는 방법을 설명합니다. 클라이언트를 쓰기 전에 읽으세요.",
}  # fmt: skip

_DE: Final = {
    "about": "Das Modell {name} macht aus einem Prompt {what}. Asynchron: die Task-ID dient der Abfrage des Status.",
    "links": "Die Links gelten 24 Stunden, bitte rasch speichern.",
    "model": "Name des Modells",
    "prompt": "Was das Ergebnis zeigen soll, so genau wie gewünscht. Höchstens `{most}` Zeichen.",
    "range": "Länge in Sekunden.\n\n**Einzelheiten:**\n- Ganze Zahl von `{low}` bis `{high}`\n- Die Länge bestimmt den Preis",
    "options": "{what}, ohne Angabe `{first}`.\n\n**Unterstützte Werte:**\n{rows}",
    "urls": "Links von Referenzdateien.\n\n**Hinweise:**\n- Höchstens `{most}` Dateien\n- Formate: `.jpg`, `.png`, `.webp`",
    "flag": "Ob {what} an ist; manche Modelle berechnen es. Vorgabe `{first}`",
    "params": "Parameter, die nur dieses Modell hat",
    "callback": "HTTPS-Adresse, die nach dem Ende benachrichtigt wird.\n\n**Grenzen:**\n- Nur HTTPS\n"
    "- Private Adressen werden abgelehnt (127.0.0.1, 10.x.x.x, 192.168.x.x)\n- Höchstens `2048` Zeichen\n\n"
    "**Ablauf:**\n- Zeitlimit: `10` Sekunden\n- Bis zu `3` Versuche (nach `1`/`2`/`4` Sekunden)",
    "field": "{what} des Tasks",
    "200": "Der Task wurde angenommen", "400": "Ungültige Parameter", "401": "Token ungültig oder abgelaufen",
    "402": "Guthaben reicht nicht", "403": "Zugriff verweigert", "429": "Zu viele Anfragen", "500": "Interner Fehler",
    "key": "Alle Endpunkte brauchen ein Bearer-Token.\n\n**Schlüssel:**\n\nSiehe [Schlüssel](https://example.com/keys).",
    "guide": "Wie Tasks eingereicht, abgefragt und bezahlt werden. Vor dem Schreiben eines Clients zu lesen.",
}  # fmt: skip

_FR: Final = {
    "about": "Le modèle {name} transforme un prompt en {what}. Asynchrone : interrogez l'état avec l'ID de la tâche.",
    "links": "Les liens sont valables 24 heures, enregistrez-les vite.",
    "model": "Nom du modèle",
    "prompt": "Ce que le résultat doit montrer, aussi précisément que voulu. Au plus `{most}` caractères.",
    "range": "Durée en secondes.\n\n**Détails :**\n- Entier de `{low}` à `{high}`\n- La durée fixe le prix",
    "options": "{what}, par défaut `{first}`.\n\n**Valeurs prises en charge :**\n{rows}",
    "urls": "Liens de fichiers de référence.\n\n**Notes :**\n- Au plus `{most}` fichiers\n- Formats : `.jpg`, `.png`, `.webp`",
    "flag": "Si {what} est actif ; certains modèles le facturent. Par défaut `{first}`",
    "params": "Paramètres propres à ce modèle",
    "callback": "Adresse HTTPS prévenue à la fin.\n\n**Limites :**\n- HTTPS seulement\n"
    "- Adresses privées refusées (127.0.0.1, 10.x.x.x, 192.168.x.x)\n- Au plus `2048` caractères\n\n"
    "**Mécanisme :**\n- Délai : `10` secondes\n- Jusqu'à `3` essais (après `1`/`2`/`4` secondes)",
    "field": "{what} de la tâche",
    "200": "La tâche a été acceptée", "400": "Paramètres invalides", "401": "Jeton invalide ou expiré",
    "402": "Crédit insuffisant", "403": "Accès refusé", "429": "Trop de requêtes", "500": "Erreur interne",
    "key": "Toutes les routes exigent un jeton.\n\n**Obtenir une clé :**\n\nVoir la [page](https://example.com/keys).",
    "guide": "Comment les tâches sont soumises, suivies et payées. À lire avant d'écrire un client.",
}  # fmt: skip

_ES: Final = {
    "about": "El modelo {name} convierte un prompt en {what}. Asíncrono: consulte el estado con el ID de la tarea.",
    "links": "Los enlaces son válidos durante 24 horas, guárdelos pronto.",
    "model": "Nombre del modelo",
    "prompt": "Lo que debe mostrar el resultado, con todo el detalle que quiera. Como máximo `{most}` caracteres.",
    "range": "Duración en segundos.\n\n**Detalles:**\n- Entero de `{low}` a `{high}`\n- La duración decide el precio",
    "options": "{what}, por defecto `{first}`.\n\n**Valores admitidos:**\n{rows}",
    "urls": "Enlaces de archivos de referencia.\n\n**Notas:**\n- Como máximo `{most}` archivos\n"
    "- Formatos: `.jpg`, `.png`, `.webp`",
    "flag": "Si {what} está activo; algunos modelos lo cobran. Por defecto `{first}`",
    "params": "Parámetros propios de este modelo",
    "callback": "Dirección HTTPS avisada al terminar.\n\n**Límites:**\n- Solo HTTPS\n"
    "- Se rechazan direcciones privadas (127.0.0.1, 10.x.x.x, 192.168.x.x)\n- Como máximo `2048` caracteres\n\n"
    "**Mecanismo:**\n- Límite: `10` segundos\n- Hasta `3` intentos (tras `1`/`2`/`4` segundos)",
    "field": "{what} de la tarea",
    "200": "La tarea fue aceptada", "400": "Parámetros no válidos", "401": "Token no válido o caducado",
    "402": "Crédito insuficiente", "403": "Acceso denegado", "429": "Demasiadas solicitudes", "500": "Error interno",
    "key": "Todas las rutas necesitan un token.\n\n**Obtener una clave:**\n\nVea la [página](https://example.com/keys).",
    "guide": "Cómo se envían, consultan y pagan las tareas. Léalo antes de escribir un cliente.",
}  # fmt: skip

WORDS: Final[Mapping[str, Mapping[str, str]]] = dict(zip(LOCALES, (_EN, _CN, _JA, _KO, _DE, _FR, _ES), strict=True))
