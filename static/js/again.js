// A form that came while we were full goes out again by itself, with what was typed in it. Each page
// waits a little differently: what was refused together does not come back together.

const form = document.querySelector("form[data-seconds]");
const again = () => form.submit();
setTimeout(again, 1000 * form.dataset.seconds * (1 + Math.random() / 2));
