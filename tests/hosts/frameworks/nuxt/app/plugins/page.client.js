import "../../../shared/page.js";

export default defineNuxtPlugin(() => {});
