/** Which build this page came from. */
declare const __BUILD__: string
