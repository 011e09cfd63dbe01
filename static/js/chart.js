// Says above a chart what the day under the pointer holds; leaving it brings the first words back.
window.atelier.each("[data-chart]", (chart) => {
  const said = chart.querySelector("[data-chart-said]");
  const words = said.textContent;
  const drawing = chart.querySelector("svg[role='img']");
  drawing.addEventListener("pointerover", (event) => {
    const day = event.target.closest("[data-said]");
    if (day) said.textContent = day.dataset.said;
  });
  drawing.addEventListener("pointerleave", () => (said.textContent = words));
});
