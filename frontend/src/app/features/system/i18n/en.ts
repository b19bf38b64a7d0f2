export const en = {
  head: { title: 'System', text: 'Versions, disks, processes and what was done by whom.' },
};
export type SystemTexts = typeof en;
